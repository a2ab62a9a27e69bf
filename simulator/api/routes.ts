import type { Generation } from '../model.ts';

/** Addresses and their methods (contract 2). */

export type Kind = 'snapshot' | 'volume';

export type Route =
  | { readonly name: 'list'; readonly kind: Kind }
  | { readonly name: 'detail'; readonly kind: Kind; readonly id: string }
  | { readonly name: 'action'; readonly kind: Kind; readonly id: string; readonly action: string }
  | { readonly name: 'restorations'; readonly kind: 'snapshot'; readonly id: string }
  | { readonly name: 'me' }
  | { readonly name: 'related-list'; readonly place: string }
  | { readonly name: 'related-detail'; readonly place: string; readonly id: string }
  | { readonly name: 'events' | 'event-count' }
  | { readonly name: 'event'; readonly id: string }
  | { readonly name: 'root' | 'sign-in' | 'sign-out' };

const PLACES: Readonly<Record<string, Kind>> = { 'openstack-snapshots': 'snapshot', 'openstack-volumes': 'volume' };

/** Other objects that can be looked at; see related.ts. */
export const RELATED_PLACES = [
  'openstack-tenants',
  'projects',
  'customers',
  'service-settings',
  'openstack-volume-types',
  'openstack-volume-availability-zones',
  'openstack-images',
  'openstack-instances',
  'openstack-backups',
  'openstack-snapshot-schedules',
  'users',
];

/** Places whose objects the cloud alone makes. */
const READ_ONLY = new Set(['openstack-volume-types', 'openstack-volume-availability-zones', 'openstack-images']);

const ACTIONS: Readonly<Record<Generation, Readonly<Record<Kind, readonly string[]>>>> = {
  '2024': {
    snapshot: ['pull', 'restore', 'unlink'],
    volume: ['pull', 'snapshot', 'unlink', 'attach', 'detach', 'extend', 'retype', 'create_snapshot_schedule'],
  },
  '2026': {
    snapshot: ['pull', 'restore', 'unlink', 'set_ok', 'set_erred'],
    volume: ['pull', 'snapshot', 'unlink', 'attach', 'detach', 'extend', 'retype', 'set_ok', 'set_erred'],
  },
};

/** Finds the route of a path that ends with a slash. An id is any single segment without a dot; what it means is judged later. */
export function findRoute(path: string, generation: Generation): Route | undefined {
  if (path === '/api/' || path === '/') return { name: 'root' };
  if (path === '/api-auth/password/') return { name: 'sign-in' };
  if (path === '/api-auth/logout/') return { name: 'sign-out' };
  if (path === '/api/users/me/') return { name: 'me' };
  if (path === '/api/events/') return { name: 'events' };
  if (path === '/api/events/count/') return { name: 'event-count' };
  const event = /^\/api\/events\/([^/.]+)\/$/.exec(path)?.[1];
  if (event !== undefined) return { name: 'event', id: event };
  const [, place = '', rawId, action] = /^\/api\/([\w-]+)\/(?:([^/.]+)(?:\.json)?\/(?:([\w-]+)\/)?)?$/.exec(path) ?? [];
  const id = rawId;
  const kind = Object.hasOwn(PLACES, place) ? PLACES[place] : undefined;
  if (kind === undefined) {
    if (!RELATED_PLACES.includes(place)) return undefined;
    if (id === undefined) return { name: 'related-list', place };
    return action === undefined || action === 'pull' ? { name: 'related-detail', place, id } : undefined;
  }
  if (id === undefined) return { name: 'list', kind };
  if (action === undefined) return { name: 'detail', kind, id };
  if (action === 'restorations') return kind === 'snapshot' ? { name: 'restorations', kind, id } : undefined;
  return ACTIONS[generation][kind].includes(action) ? { name: 'action', kind, id, action } : undefined;
}

/** Whether an address in a filter leads anywhere; without the slash at its end it does not. */
export const isRoute = (path: string, generation: Generation): boolean => findRoute(path, generation) !== undefined;

/** The methods of a route, for `Allow`. */
export function methodsOf(route: Route): readonly string[] {
  switch (route.name) {
    case 'list':
      return ['GET', 'POST', 'HEAD', 'OPTIONS'];
    case 'detail':
      return ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
    case 'action':
    case 'sign-in':
    case 'sign-out':
      return ['POST', 'OPTIONS'];
    case 'restorations':
    case 'me':
    case 'events':
    case 'event-count':
    case 'event':
    case 'root':
      return ['GET', 'HEAD', 'OPTIONS'];
    case 'related-list':
      return READ_ONLY.has(route.place) ? ['GET', 'HEAD', 'OPTIONS'] : ['GET', 'POST', 'HEAD', 'OPTIONS'];
    case 'related-detail':
      return READ_ONLY.has(route.place)
        ? ['GET', 'HEAD', 'OPTIONS']
        : ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
  }
}
