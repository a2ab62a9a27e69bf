import { hash } from 'node:crypto';

/** Types whose objects `node` finds by their uuid. */
export const NODE_TYPES = [
  'Snapshot',
  'Volume',
  'Project',
  'Customer',
  'Tenant',
  'ServiceSettings',
  'VolumeType',
  'Instance',
  'AvailabilityZone',
  'Image',
] as const;

export type NodeType = (typeof NODE_TYPES)[number];

/** What has an id and cannot be fetched: Waldur has no address for it that callers may use, or it is deleted. */
const UNFETCHED_TYPES = [
  'MarketplaceOffering',
  'MarketplaceCategory',
  'MarketplaceResource',
  'MarketplacePlan',
  'DeletedImage',
] as const;

type UnfetchedType = (typeof UNFETCHED_TYPES)[number];

/**
 * A decoded global id. Ids are opaque to clients and checked strictly, so that only uuids get from an id into a REST path. The id of
 * a restoration contains its snapshot's uuid, because REST has no address for a single restoration.
 */
export type NodeId =
  | { readonly type: NodeType; readonly uuid: string }
  | { readonly type: 'Restoration'; readonly uuid: string; readonly snapshotUuid: string }
  | { readonly type: 'unfetched' };

const PATTERN = new RegExp(
  `^(?:(${NODE_TYPES.join('|')}):([0-9a-f]{32})|(?:${UNFETCHED_TYPES.join('|')}):[0-9a-f]{32}|Restoration:([0-9a-f]{32}):([0-9a-f]{32}))$`,
);

const encode = (id: string): string => Buffer.from(id, 'latin1').toString('base64url');

/** The global id of an object. */
export const globalId = (type: NodeType | Exclude<UnfetchedType, 'DeletedImage'>, uuid: string): string =>
  encode(`${type}:${uuid}`);

export const snapshotId = (uuid: string): string => globalId('Snapshot', uuid);
export const volumeId = (uuid: string): string => globalId('Volume', uuid);
export const restorationId = (snapshotUuid: string, uuid: string): string =>
  encode(`Restoration:${snapshotUuid}:${uuid}`);

/** The id of an image of which only the name is left. Images of the same name are equal in all that is known of them. */
export const deletedImageId = (name: string): string => encode(`DeletedImage:${hash('sha256', name).slice(0, 32)}`);

const isNodeType = (type: string): type is NodeType => (NODE_TYPES as readonly string[]).includes(type);

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
  return type !== undefined && uuid !== undefined && isNodeType(type) ? { type, uuid } : { type: 'unfetched' };
}
