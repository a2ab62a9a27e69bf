import type { PermissionResolvers, ViewerResolvers } from '../generated.ts';
import { boolean, json, optionalText, optionalUuid, text, uuid } from './read.ts';
import { column, derived, type FieldTable } from './table.ts';

/** Flags that Waldur sends to staff and support only; absent means false (contract 2.9). */
const flag = (row: object, name: string): boolean => json(row, name) !== null && boolean(row, name);

export const viewerFields: FieldTable<ViewerResolvers> = {
  uuid: column('uuid', uuid),
  username: column('username', text),
  fullName: derived(['full_name'], (row: object) => optionalText(row, 'full_name') ?? ''),
  email: column('email', optionalText),
  isStaff: column('is_staff', flag),
  isSupport: column('is_support', flag),
  permissions: derived(['permissions'], (row: object) => {
    const permissions = json(row, 'permissions');
    return Array.isArray(permissions) ? permissions.filter((one) => typeof one === 'object' && one !== null) : [];
  }),
};

export const permissionFields: FieldTable<PermissionResolvers> = {
  role: column('role_name', text),
  scopeType: column('scope_type', optionalText),
  scopeUuid: column('scope_uuid', optionalUuid),
  scopeName: column('scope_name', optionalText),
  customerUuid: column('customer_uuid', optionalUuid),
  customerName: column('customer_name', optionalText),
  expirationTime: column('expiration_time', optionalText),
};
