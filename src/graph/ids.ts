/**
 * A decoded global id. Ids are opaque to clients and checked strictly, so that only uuids get from an id into a REST path. The id of
 * a restoration contains its snapshot's uuid, because REST has no address for a single restoration.
 */
export type NodeId =
  | { readonly type: 'Snapshot'; readonly uuid: string }
  | { readonly type: 'Volume'; readonly uuid: string }
  | { readonly type: 'Restoration'; readonly uuid: string; readonly snapshotUuid: string };

const PATTERN = /^(?:(Snapshot|Volume):([0-9a-f]{32})|Restoration:([0-9a-f]{32}):([0-9a-f]{32}))$/;

const encode = (id: string): string => Buffer.from(id, 'latin1').toString('base64url');

export const snapshotId = (uuid: string): string => encode(`Snapshot:${uuid}`);
export const volumeId = (uuid: string): string => encode(`Volume:${uuid}`);
export const restorationId = (snapshotUuid: string, uuid: string): string =>
  encode(`Restoration:${snapshotUuid}:${uuid}`);

/** Decodes a global id. @returns undefined for anything but the exact output of this gateway. */
export function parseId(id: string): NodeId | undefined {
  if (id.length > 120) return undefined;
  const text = Buffer.from(id, 'base64url').toString('latin1');
  const found = PATTERN.exec(text);
  if (found === null || encode(text) !== id) return undefined;
  const [, type, uuid, snapshotUuid, restorationUuid] = found;
  if (snapshotUuid !== undefined && restorationUuid !== undefined) {
    return { type: 'Restoration', uuid: restorationUuid, snapshotUuid };
  }
  if (uuid === undefined) return undefined;
  return type === 'Snapshot' ? { type, uuid } : { type: 'Volume', uuid };
}
