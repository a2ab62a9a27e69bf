import type { Quota } from '../../domain/quotas.ts';
import type {
  AvailabilityZoneResolvers,
  ImageResolvers,
  InstanceResolvers,
  QuotaResolvers,
  TenantResolvers,
  VolumeTypeResolvers,
} from '../generated.ts';
import { deletedImageId, globalId } from '../ids.ts';
import type { AvailabilityZoneRow, ImageRow, InstanceRow, QuotaRow, TenantRow, VolumeTypeRow } from '../nodes.ts';
import {
  number,
  optionalObjects,
  optionalString,
  optionalUuid,
  requiredUuidInUrl,
  string,
  uuid,
  uuidInUrl,
} from './read.ts';
import { type FieldTable, fieldsOf, wholeObjectFields } from './table.ts';

/** Objects that volumes belong to or are attached to. All but tenants have their columns in the rows of volumes. */

const tenant = fieldsOf<TenantRow>();

export const tenantFields: FieldTable<TenantResolvers> = {
  id: tenant.derived({ own: ['uuid'] }, (row) => globalId('Tenant', uuid(row, 'uuid'))),
  uuid: tenant.column('uuid', uuid, 'own'),
  name: tenant.column('name', string, 'own'),
  url: tenant.column('url', string, 'own'),
  quotas: tenant.derived({ quotas: ['quotas'] }, quotasOf),
};

/** Waldur sends quotas in no order, so equal tenants would differ. */
export function quotasOf(row: TenantRow): QuotaRow[] | null {
  const quotas: QuotaRow[] | null = optionalObjects(row, 'quotas');
  return quotas?.toSorted(byName) ?? null;
}

const byName = (a: QuotaRow, b: QuotaRow): number => compare(String(a.name), String(b.name));
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** Quotas come whole, in the tenant's column `quotas`. */
const quota = wholeObjectFields((row: QuotaRow) => row);

/** Waldur shows both no limit and a limit of 0 as -1 (contract 6.2). */
function limitOf(row: object, name: string): number | null {
  const limit = number(row, name);
  return limit < 0 ? null : limit;
}

/** One quota as the graph shows it. */
export const readQuota = (row: QuotaRow): Quota => ({
  name: string(row, 'name'),
  usage: number(row, 'usage'),
  limit: limitOf(row, 'limit'),
});

export const quotaFields: FieldTable<QuotaResolvers> = {
  name: quota.column('name', string),
  usage: quota.column('usage', number),
  limit: quota.column('limit', limitOf),
};

const instance = fieldsOf<InstanceRow>();

export const instanceFields: FieldTable<InstanceResolvers> = {
  id: instance.derived({ instance: ['instance'] }, (row) => globalId('Instance', requiredUuidInUrl(row, 'instance'))),
  uuid: instance.column('instance', requiredUuidInUrl, 'instance'),
  url: instance.column('instance', string, 'instance'),
  name: instance.column('instance_name', string, 'instance'),
  marketplaceUuid: instance.column('instance_marketplace_uuid', optionalUuid, 'instance_marketplace'),
};

const type = fieldsOf<VolumeTypeRow>();

export const volumeTypeFields: FieldTable<VolumeTypeResolvers> = {
  id: type.derived({ type: ['type'] }, (row) => globalId('VolumeType', requiredUuidInUrl(row, 'type'))),
  uuid: type.column('type', requiredUuidInUrl, 'type'),
  url: type.column('type', string, 'type'),
  name: type.column('type_name', string, 'type'),
};

const zone = fieldsOf<AvailabilityZoneRow>();

export const availabilityZoneFields: FieldTable<AvailabilityZoneResolvers> = {
  id: zone.derived({ availability_zone: ['availability_zone'] }, (row) =>
    globalId('AvailabilityZone', requiredUuidInUrl(row, 'availability_zone')),
  ),
  uuid: zone.column('availability_zone', requiredUuidInUrl, 'availability_zone'),
  url: zone.column('availability_zone', string, 'availability_zone'),
  name: zone.column('availability_zone_name', string, 'availability_zone'),
};

const image = fieldsOf<ImageRow>();

const imageName = (row: ImageRow): string => optionalString(row, 'image_name') ?? '';

export const imageFields: FieldTable<ImageResolvers> = {
  id: image.derived({ image: ['image'], own: ['image_name'] }, (row) => {
    const found = uuidInUrl(row, 'image');
    return found === null ? deletedImageId(imageName(row)) : globalId('Image', found);
  }),
  uuid: image.column('image', uuidInUrl, 'image'),
  url: image.column('image', optionalString, 'image'),
  name: image.derived({ own: ['image_name'] }, imageName),
};
