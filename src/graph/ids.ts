/**
 * Global ids: opaque to clients, checked strictly, so that nothing but a uuid ever gets from an id into a path. A restoration
 * carries its snapshot's uuid, since REST serves no restoration by its own.
 */
export type NodeId =
  | { readonly type: 'Snapshot'; readonly uuid: string }
  | { readonly type: 'Volume'; readonly uuid: string }
  | { readonly type: 'Restoration'; readonly uuid: string; readonly snapshotUuid: string };

const PATTERN = /^(?:(Snapshot|Volume):([0-9a-f]{32})|Restoration:([0-9a-f]{32}):([0-9a-f]{32}))$/;

const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64url');

export const snapshotId = (uuid: string): string => encode(`Snapshot:${uuid}`);
export const volumeId = (uuid: string): string => encode(`Volume:${uuid}`);
export const restorationId = (snapshotUuid: string, uuid: string): string =>
  encode(`Restoration:${snapshotUuid}:${uuid}`);

/** Reads a global id; undefined for anything that this gateway did not print, other spellings of the same bytes included. */
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
