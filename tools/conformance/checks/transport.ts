import type { Check } from '../check.ts';
import { detail, ensure, isJson, rows, same, status } from '../expect.ts';
import { labelsOf, PAGE, SNAPSHOTS, type Subject } from '../subject.ts';
import { nobodysUuid, query, text } from '../values.ts';

const LIST = SNAPSHOTS.path + query({ page_size: 1, field: 'uuid' });

/** How requests and answers travel, whatever they are about. */
export const TRANSPORT: readonly Check<Subject>[] = [
  {
    id: 'transport.json',
    statement: 'With Accept: application/json, the response is JSON with this content type.',
    section: '5',
    async run({ waldur }) {
      const answer = await waldur.get(LIST);
      status(answer, 200);
      ensure(isJson(answer.headers), `Content-Type is ${answer.headers['content-type']}`);
    },
  },
  {
    id: 'transport.slash',
    statement: 'A path without a trailing slash: an empty 301 to the path with it, with the same query.',
    section: '2',
    async run({ waldur }) {
      const answer = await waldur.get('openstack-snapshots?page_size=1&field=uuid');
      status(answer, 301);
      same('the body', answer.text, '');
      const wanted = new URL(`${waldur.base}openstack-snapshots/?page_size=1&field=uuid`);
      const location = new URL(answer.headers.location ?? '', waldur.base);
      same('Location', location.pathname + location.search, wanted.pathname + wanted.search);
    },
  },
  {
    id: 'transport.no-route',
    statement: 'An unknown path: 404 that is not JSON, unlike the 404 of an object that does not exist.',
    section: '2',
    async run({ waldur }) {
      const answer = await waldur.get('no-such-place/');
      status(answer, 404);
      ensure(!isJson(answer.headers), 'it is JSON');
    },
  },
  {
    id: 'transport.not-acceptable',
    statement: 'An Accept header that excludes JSON: 406, before authentication.',
    section: '5',
    async run({ waldur }) {
      detail(await waldur.get(LIST, { accept: 'text/csv' }), 406);
      detail(await waldur.as(undefined).get(LIST, { accept: 'text/csv' }), 406);
    },
  },
  {
    id: 'transport.head',
    statement: 'HEAD of a list: the status and headers of GET, without a body.',
    section: '2.1',
    async run({ waldur }) {
      const [get, head] = [await waldur.get(LIST), await waldur.head(LIST)];
      status(head, 200);
      same('the body', head.text, '');
      for (const name of ['content-type', 'x-result-count']) same(name, head.headers[name], get.headers[name]);
    },
  },
  {
    id: 'transport.language',
    statement: 'Labels of states are the same in every language.',
    section: '5',
    async run({ waldur, spelling }) {
      const address = SNAPSHOTS.path + query({ page_size: PAGE, field: 'state' });
      const found = rows(await waldur.get(address, { 'accept-language': 'et, de;q=0.9' }));
      const known = labelsOf(spelling);
      const strange = found.map((row) => text(row, 'state')).filter((label) => !known.includes(label));
      same('labels of no known state', strange, []);
    },
  },
  {
    id: 'transport.forwarded-for',
    statement: 'A client address in X-Forwarded-For is accepted.',
    section: '2.1',
    async run({ waldur }) {
      status(await waldur.get(LIST, { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' }), 200);
    },
  },
  {
    id: 'transport.request-id',
    statement: 'The unknown header X-Request-Id is ignored.',
    section: '5',
    async run({ waldur }) {
      status(await waldur.get(LIST, { 'x-request-id': nobodysUuid() }), 200);
    },
  },
];
