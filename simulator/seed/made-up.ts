import type { Dataset, Project, Tenant } from '../model.ts';
import { addUsers, countQuotas } from './accounts.ts';
import { addBackups, addRestorations, numberByAge } from './history.ts';
import { addMachines } from './machines.ts';
import {
  CUSTOMERS,
  IMAGES,
  MORE_PROJECTS,
  MORE_TOWNS,
  PROJECTS,
  type ProjectPlan,
  SETTINGS,
  type TenantPlan,
  VOLUME_TYPES,
} from './names.ts';
import { hyphenated, Random } from './random.ts';
import { type Builder, DAY, emptyRows, stampAt } from './rows.ts';
import { addSnapshots } from './snapshots.ts';

export interface MadeUpOptions {
  /** The same seed and time give the same world, uuids included. */
  seed: number;
  /** How many snapshots in all; 500 make the planned world, more add customers and projects. */
  snapshots: number;
  /** World time that all dates are relative to, milliseconds since the epoch. */
  now: number;
}

/** The planned customers and projects hold so many snapshots; what is above goes to further ones. */
const PLANNED_SNAPSHOTS = 500;
const SNAPSHOTS_PER_MORE_PROJECT = 120;
/** The first project has at least so many, so that small worlds are useful too. */
const FIRST_PROJECT_LEAST = 30;

/** Creates a world that resembles a production cloud: customers, projects, machines, nightly snapshots, errors, running actions. */
export function madeUpWorld({ seed, snapshots, now }: MadeUpOptions): Dataset {
  const builder: Builder = { rows: emptyRows(), random: new Random(seed), now };
  addProviders(builder);
  for (const { access_subnets, ...customer } of CUSTOMERS) {
    addCustomer(builder, { ...customer, access_subnets: [...access_subnets] });
  }
  const planned = Math.min(snapshots, PLANNED_SNAPSHOTS);
  const counts = sharesOf(planned);
  for (const plan of PROJECTS) addProject(builder, plan, (tenant) => counts.get(tenant) ?? 0);
  addMoreProjects(builder, snapshots - planned);
  addRestorations(builder);
  addBackups(builder);
  numberByAge(builder);
  addUsers(builder);
  countQuotas(builder);
  // Through JSON, as a dataset comes from a file: the world gets rows of its own.
  return JSON.parse(JSON.stringify(builder.rows));
}

/** How many snapshots each planned tenant gets: its share, the first one never less than is useful, the sum exact. */
function sharesOf(total: number): Map<TenantPlan, number> {
  const tenants = PROJECTS.flatMap((project) => project.tenants).filter((tenant) => tenant.share > 0);
  const counts = new Map<TenantPlan, number>();
  let left = total;
  tenants.forEach((tenant, i) => {
    const least = i === 0 ? FIRST_PROJECT_LEAST : 0;
    const count = i === tenants.length - 1 ? left : Math.min(left, Math.max(least, Math.round(tenant.share * total)));
    counts.set(tenant, count);
    left -= count;
  });
  return counts;
}

function addProviders({ rows, random }: Builder): void {
  SETTINGS.forEach((settings, i) => {
    const uuid = random.uuid();
    rows.service_settings.push({
      uuid,
      seq: i + 1,
      name: settings.name,
      type: 'OpenStack',
      state: settings.state,
      error_message: settings.error_message,
      shared: true,
      backend_url: `https://keystone.${settings.name.split(' ')[0]?.toLowerCase()}.invalid:5000/v3`,
    });
    for (const type of VOLUME_TYPES) {
      rows.volume_types.push({
        ...type,
        uuid: random.uuid(),
        seq: rows.volume_types.length + 1,
        backend_id: hyphenated(random.uuid()),
        settings_uuid: uuid,
        tenant_uuids: [],
      });
    }
    for (const image of IMAGES) {
      rows.images.push({
        ...image,
        uuid: random.uuid(),
        seq: rows.images.length + 1,
        backend_id: hyphenated(random.uuid()),
        settings_uuid: uuid,
      });
    }
  });
}

function addCustomer(
  { rows, random, now }: Builder,
  customer: { name: string; native_name: string; abbreviation: string; access_subnets: string[] },
): number {
  const seq = rows.customers.length + 1;
  rows.customers.push({ uuid: random.uuid(), seq, created: stampAt(now - (1200 - seq) * DAY, random), ...customer });
  return seq - 1;
}

function addProject(builder: Builder, plan: ProjectPlan, snapshotsOf: (tenant: TenantPlan) => number): void {
  const { rows, random, now } = builder;
  const seq = rows.projects.length + 1;
  const project: Project = {
    uuid: random.uuid(),
    seq,
    name: plan.name,
    description: plan.description,
    customer_uuid: rows.customers[plan.customer]?.uuid ?? '',
    created: stampAt(now - 1000 * DAY + seq * DAY, random),
  };
  rows.projects.push(project);
  for (const tenantPlan of plan.tenants) {
    const tenant = addTenant(builder, project, tenantPlan);
    const volumes = addMachines(builder, project, tenant, tenantPlan);
    addSnapshots(builder, project, tenant, volumes, snapshotsOf(tenantPlan));
  }
}

function addTenant({ rows, random, now }: Builder, project: Project, plan: TenantPlan): Tenant {
  const settings = rows.service_settings[plan.settings];
  const created = now - 900 * DAY;
  const tenant: Tenant = {
    uuid: random.uuid(),
    seq: rows.tenants.length + 1,
    name: plan.name,
    description: '',
    state: 'OK',
    backend_id: random.uuid(),
    error_message: '',
    error_traceback: '',
    created: stampAt(created, random),
    modified: stampAt(created + DAY, random),
    project_uuid: project.uuid,
    service_settings_uuid: settings?.uuid ?? '',
    runtime_state: '',
    action: '',
    action_details: {},
    quota_limits: { snapshots_size: plan.snapshotsSizeLimit ?? -1 },
    quota_limit_rows: {},
    quota_usages: {},
  };
  rows.tenants.push(tenant);
  rows.volume_availability_zones.push({
    uuid: random.uuid(),
    seq: rows.volume_availability_zones.length + 1,
    name: 'nova',
    tenant_uuid: tenant.uuid,
    settings_uuid: tenant.service_settings_uuid,
    available: true,
  });
  for (const type of rows.volume_types) {
    if (type.settings_uuid === tenant.service_settings_uuid) type.tenant_uuids.push(tenant.uuid);
  }
  return tenant;
}

function addMoreProjects(builder: Builder, snapshots: number): void {
  const count = Math.ceil(snapshots / SNAPSHOTS_PER_MORE_PROJECT);
  let customer = 0;
  for (let n = 0; n < count; n++) {
    if (n % 3 === 0) {
      const town = MORE_TOWNS[(n / 3) % MORE_TOWNS.length] ?? 'Tartu';
      const round = Math.floor(n / 3 / MORE_TOWNS.length) + 1;
      const name = `University of ${town}${round === 1 ? '' : `, campus ${round}`}`;
      customer = addCustomer(builder, { name, native_name: '', abbreviation: '', access_subnets: [] });
    }
    const name = `${MORE_PROJECTS[n % MORE_PROJECTS.length]} ${Math.floor(n / MORE_PROJECTS.length) + 1}`;
    const tenant: TenantPlan = {
      name: name.toLowerCase().replaceAll(' ', '-'),
      settings: n % 2,
      share: 0,
      instances: 4,
      freeVolumes: 2,
    };
    const left = snapshots - n * SNAPSHOTS_PER_MORE_PROJECT;
    addProject(builder, { customer, name, description: '', tenants: [tenant] }, () =>
      Math.min(left, SNAPSHOTS_PER_MORE_PROJECT),
    );
  }
}
