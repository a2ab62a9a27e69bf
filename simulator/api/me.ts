import { createHash } from 'node:crypto';
import type { Json, JsonObject, Role, User } from '../model.ts';
import type { Call, Reply } from './exchange.ts';
import { askedFields, type Renderers, render, urlOf } from './serialize.ts';

/** The caller's own user (contract 2.9). */

const fullName = (user: User): string => `${user.first_name} ${user.last_name}`.trim();

/** Roles are made by migrations, so their uuids are Waldur's own; here they follow from the name. */
const roleUuid = (role: string): string => createHash('md5').update(`role ${role}`).digest('hex');

function permission(role: Role, user: User, { api: { world } }: Call): JsonObject {
  const { tables } = world;
  const project = role.scope_type === 'project' ? tables.projects.get(role.scope_uuid) : undefined;
  const customer = tables.customers.get(project?.customer_uuid ?? role.scope_uuid);
  return {
    user_uuid: user.uuid,
    user_name: fullName(user),
    user_slug: user.username,
    created: role.created,
    expiration_time: role.expiration_time,
    role_name: role.role,
    role_description: '',
    role_uuid: roleUuid(role.role),
    scope_type: role.scope_type,
    scope_uuid: role.scope_uuid,
    scope_name: (project ?? customer)?.name ?? '',
    ...(project && { customer_uuid: customer?.uuid ?? '', customer_name: customer?.name ?? '' }),
  };
}

/** Flags are shown to staff and support only (contract 2.9). */
const privileged =
  (value: (user: User) => Json) =>
  (user: User): Json | undefined =>
    user.is_staff || user.is_support ? value(user) : undefined;

const USER: Renderers<User> = {
  url: (user, call) => urlOf(call, 'users', user.uuid),
  uuid: (user) => user.uuid,
  username: (user) => user.username,
  slug: (user) => user.username,
  full_name: fullName,
  native_name: (user) => user.native_name,
  job_title: () => '',
  email: (user) => user.email,
  phone_number: () => '',
  organization: () => '',
  civil_number: () => null,
  description: privileged(() => ''),
  is_staff: privileged((user) => user.is_staff),
  is_active: privileged((user) => user.is_active),
  is_support: privileged((user) => user.is_support),
  token: (user) => user.token,
  token_lifetime: (user) => user.token_lifetime,
  registration_method: () => 'default',
  date_joined: (user) => user.date_joined,
  agreement_date: () => null,
  preferred_language: () => '',
  permissions: (user, call) => user.roles.filter((role) => role.is_active).map((role) => permission(role, user, call)),
  requested_email: () => null,
  affiliations: () => [],
  first_name: (user) => user.first_name,
  last_name: (user) => user.last_name,
  identity_provider_name: () => 'Local DB',
  identity_provider_label: () => 'Local DB',
  identity_provider_management_url: () => '',
  identity_provider_fields: () => [],
  image: () => null,
  identity_source: () => '',
};

/** `GET users/me/`. */
export const me = (call: Call): Reply => ({
  status: 200,
  body: render(USER, askedFields(USER, call), call.user, call),
});
