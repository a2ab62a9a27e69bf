import type { MeRow } from '../../waldur/types.ts';
import type { PermissionResolvers, ViewerResolvers } from '../generated.ts';
import { boolean, json, optionalText, optionalUuid, text, uuid } from './read.ts';
import { derived, type Entry, type FieldTable } from './table.ts';

/** Flags that Waldur sends to staff and support only; absent means false (contract 2.9). */
const flag = (row: object, name: string): boolean => json(row, name) !== null && boolean(row, name);

type PermissionRow = NonNullable<MeRow['permissions']>[number];

/** A column of the caller's own user or of one of its permissions. They are always read whole, so no column is asked for. */
const own = <Value>(
  name: keyof MeRow | keyof PermissionRow,
  read: (row: object, name: string) => Value,
): Entry<(row: object) => Value> => derived([], (row: object) => read(row, name));

export const viewerFields: FieldTable<ViewerResolvers> = {
  uuid: own('uuid', uuid),
  username: own('username', text),
  fullName: derived([], (row: object) => optionalText(row, 'full_name') ?? ''),
  email: own('email', optionalText),
  isStaff: own('is_staff', flag),
  isSupport: own('is_support', flag),
  permissions: derived([], (row: object) => {
    const permissions = json(row, 'permissions');
    return Array.isArray(permissions) ? permissions.filter((one) => typeof one === 'object' && one !== null) : [];
  }),
};

export const permissionFields: FieldTable<PermissionResolvers> = {
  role: own('role_name', text),
  scopeType: own('scope_type', optionalText),
  scopeUuid: own('scope_uuid', optionalUuid),
  scopeName: own('scope_name', optionalText),
  customerUuid: own('customer_uuid', optionalUuid),
  customerName: own('customer_name', optionalText),
  expirationTime: own('expiration_time', optionalText),
};
