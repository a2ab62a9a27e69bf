import type { GraphQLResolveInfo, SelectionNode, SelectionSetNode } from 'graphql';

/** Columns of REST behind fields of GraphQL, written by hand as one does; other fields have the name of their column. */
export type Columns = Readonly<Record<string, readonly string[]>>;

export const SNAPSHOT_COLUMNS: Columns = {
  runtimeState: ['runtime_state'],
  backendId: ['backend_id'],
  errorMessage: ['error_message'],
  resourceType: ['resource_type'],
  keptUntil: ['kept_until'],
  project: ['project_uuid', 'project_name'],
  customer: ['customer_uuid', 'customer_name'],
  serviceSettings: ['service_settings_uuid', 'service_name', 'service_settings_state'],
  sourceVolume: ['source_volume'],
};

export const VOLUME_COLUMNS: Columns = {
  runtimeState: ['runtime_state'],
  type: ['type', 'type_name'],
};

/** Of documents that are kept, so each is looked through once. */
const known = new WeakMap<SelectionSetNode, string>();

/** `field=uuid&field=name...` for what is selected at `path` below this field. */
export function fieldsOf(info: GraphQLResolveInfo, path: readonly string[], columns: Columns): string {
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
    selection.kind === 'Field' ? (columns[selection.name.value] ?? [selection.name.value]) : [],
  );
  const query = names.map((name) => `field=${name}`).join('&');
  known.set(root, query);
  return query;
}
