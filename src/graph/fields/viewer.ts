import type { MeRow } from '../../waldur/types.ts';
import type { PermissionResolvers, ViewerResolvers } from '../generated.ts';
import type { PermissionRow } from '../nodes.ts';
import { boolean, json, optionalObjects, optionalString, optionalUuid, string, uuid } from './read.ts';
import { type FieldTable, wholeObjectFields } from './table.ts';

const viewer = wholeObjectFields((row: MeRow) => row);
const permission = wholeObjectFields((row: PermissionRow) => row);

/** Waldur sends these flags to staff and support only; absent means false (contract 2.9). */
const flag = (row: object, name: string): boolean => json(row, name) !== null && boolean(row, name);

export const viewerFields: FieldTable<ViewerResolvers> = {
  uuid: viewer.column('uuid', uuid),
  username: viewer.column('username', string),
  fullName: viewer.derived((row) => optionalString(row, 'full_name') ?? ''),
  email: viewer.column('email', optionalString),
  isStaff: viewer.column('is_staff', flag),
  isSupport: viewer.column('is_support', flag),
  permissions: viewer.derived((row) => optionalObjects(row, 'permissions') ?? []),
};

export const permissionFields: FieldTable<PermissionResolvers> = {
  role: permission.column('role_name', string),
  scopeType: permission.column('scope_type', optionalString),
  scopeUuid: permission.column('scope_uuid', optionalUuid),
  scopeName: permission.column('scope_name', optionalString),
  customerUuid: permission.column('customer_uuid', optionalUuid),
  customerName: permission.column('customer_name', optionalString),
  expirationTime: permission.column('expiration_time', optionalString),
};
