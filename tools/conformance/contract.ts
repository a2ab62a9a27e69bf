/** Sections of docs/upstream-contract.md that checks point to, with the anchor of each heading. */
const ANCHORS = {
  '1.1': '11-state',
  '1.2': '12-transitions-m24-coremodelspy-statemixin',
  '1.4': '14-action-action_details',
  '2': '2-endpoints',
  '2.0': '20-order-in-which-a-request-is-checked',
  '2.1': '21-snapshots',
  '2.2': '22-volumes',
  '2.3': '23-restore',
  '2.4': '24-put--patch-snapshot',
  '2.5': '25-delete-snapshot',
  '2.6': '26-pull',
  '2.7': '27-unlink',
  '2.9': '29-users-and-tokens',
  '3.1': '31-snapshot-filters',
  '3.3': '33-field-sparse-fields',
  '3.4': '34-o-ordering',
  '3.5': '35-pagination',
  '4.1': '41-scalars',
  '4.2': '42-null-absent-empty',
  '4.3': '43-volume-image_metadata',
  '4.4': '44-restoration-object',
  '5': '5-authentication-and-transport',
  '6.1': '61-shapes-a-client-must-handle',
  '11.2': '112-lists-for-choices',
  '11.4': '114-attach-detach-extend',
} as const;

export type Section = keyof typeof ANCHORS;

/** Path and anchor from the root of the repository. */
export const linkTo = (section: Section): string => `docs/upstream-contract.md#${ANCHORS[section]}`;
