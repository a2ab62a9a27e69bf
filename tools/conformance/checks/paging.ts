import { type Check, skip } from '../check.ts';
import { detail, ensure, rows, same, total } from '../expect.ts';
import { type Kind, PAGE, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { nobodysUuid, query } from '../values.ts';

const DEFAULT_SIZE = 10;
/** Far past the end of any list. */
const FAR = 1_000_000;

const page = (kind: Kind, parameters: Record<string, string | number>): string =>
  kind.path + query({ field: 'uuid', ...parameters });

const counted = (kind: Kind): Check<Subject> => ({
  id: `page.${kind.id}-count`,
  statement: `A list of ${kind.id}s is a plain array. X-Result-Count is the number of rows of all pages.`,
  section: '3.5',
  async run({ waldur }) {
    const answer = await waldur.get(page(kind, { page_size: PAGE }));
    const found = rows(answer).length;
    const count = total(answer);
    ensure(count !== undefined, `X-Result-Count is ${answer.headers['x-result-count'] ?? 'absent'}`);
    ensure(found === Math.min(count, PAGE), `${found} rows under X-Result-Count ${count}`);
  },
});

const pastEnd = (kind: Kind): Check<Subject> => ({
  id: `page.${kind.id}-past-end`,
  statement: `A page after the last page of ${kind.id}s: 404 with a detail.`,
  section: '3.5',
  run: async ({ waldur }) => {
    detail(await waldur.get(page(kind, { page: FAR })), 404);
  },
});

export const PAGING: readonly Check<Subject>[] = [
  counted(SNAPSHOTS),
  counted(VOLUMES),
  pastEnd(SNAPSHOTS),
  pastEnd(VOLUMES),
  {
    id: 'page.first-of-nothing',
    statement: 'Page 1 of an empty list: 200 with [] and the count 0.',
    section: '3.5',
    async run({ waldur }) {
      const answer = await waldur.get(page(SNAPSHOTS, { name_exact: nobodysUuid(), page: 1 }));
      same('the rows', rows(answer), []);
      same('X-Result-Count', answer.headers['x-result-count'], '0');
    },
  },
  {
    id: 'page.numbers',
    statement: 'An invalid, zero or negative page: 404 with a detail.',
    section: '3.5',
    async run({ waldur }) {
      for (const number of ['0', '-1', 'x']) detail(await waldur.get(page(SNAPSHOTS, { page: number })), 404);
    },
  },
  {
    id: 'page.default-size',
    statement: 'Without a valid page_size, a page has 10 rows.',
    section: '3.5',
    async run({ waldur, samples }) {
      const wanted = Math.min(await samples.total(SNAPSHOTS), DEFAULT_SIZE);
      for (const size of [undefined, '0', '-1', 'x']) {
        const answer = await waldur.get(page(SNAPSHOTS, size === undefined ? {} : { page_size: size }));
        same(`rows with page_size=${size ?? '(none)'}`, rows(answer).length, wanted);
      }
    },
  },
  {
    id: 'page.cap',
    statement: 'A page_size above 300 counts as 300, without an error.',
    section: '3.5',
    async run({ waldur, samples }) {
      const all = await samples.total(SNAPSHOTS);
      const found = rows(await waldur.get(page(SNAPSHOTS, { page_size: 1000 }))).length;
      if (all <= PAGE) skip(`the caller sees only ${all} snapshots; all of them came`);
      same('rows', found, PAGE);
    },
  },
  {
    id: 'page.sequence',
    statement: 'In the order of creation, pages have no gaps and no duplicates.',
    section: '3.5',
    async run({ waldur, samples }) {
      const all = await samples.total(SNAPSHOTS);
      if (all < 2) skip('the caller sees fewer than two snapshots');
      const size = Math.min(Math.floor(all / 2), 5);
      const uuids = async (number: number, rowsOfPage: number): Promise<unknown[]> => {
        const answer = await waldur.get(page(SNAPSHOTS, { o: 'created', page: number, page_size: rowsOfPage }));
        return rows(answer).map(({ uuid }) => uuid);
      };
      same('pages 1 and 2', [...(await uuids(1, size)), ...(await uuids(2, size))], await uuids(1, 2 * size));
    },
  },
];
