import type { GraphQLResolveInfo, SelectionNode, SelectionSetNode } from 'graphql';

/** Whether this peer asks REST for the fields that a document needs, and no others; most teams do not. */
const PROJECTS: boolean = process.env.FIELDS === '1';

/** REST fields behind each GraphQL field of a snapshot, written by hand as one does. */
const REST_FIELDS: Readonly<Record<string, readonly string[]>> = {
  runtimeState: ['runtime_state'],
  backendId: ['backend_id'],
  errorMessage: ['error_message'],
  resourceType: ['resource_type'],
  keptUntil: ['kept_until'],
  project: ['project_uuid', 'project_name', 'project'],
  customer: ['customer_uuid', 'customer_name', 'customer', 'customer_abbreviation'],
  serviceSettings: ['service_settings_uuid', 'service_name', 'service_settings', 'service_settings_state'],
  sourceVolume: ['source_volume'],
};

const known = new WeakMap<SelectionSetNode, string>();

/** `field=uuid&field=name...` of what is selected at `path` below this field; empty without projection. */
export function fieldsAskedFor(info: GraphQLResolveInfo, path: readonly string[]): string {
  if (!PROJECTS) return '';
  const root = info.fieldNodes[0]?.selectionSet;
  if (root === undefined) return '';
  const before = known.get(root);
  if (before !== undefined) return before;
  let set: SelectionSetNode | undefined = root;
  for (const step of path) {
    const node: SelectionNode | undefined = set?.selections.find(
      (selection) => selection.kind === 'Field' && selection.name.value === step,
    );
    set = node?.kind === 'Field' ? node.selectionSet : undefined;
  }
  const names = (set?.selections ?? []).flatMap((selection) =>
    selection.kind === 'Field' ? (REST_FIELDS[selection.name.value] ?? [selection.name.value]) : [],
  );
  const query = names.map((name) => `field=${name}`).join('&');
  known.set(root, query);
  return query;
}
