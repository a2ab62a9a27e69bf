import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readTypeDefs } from '../../src/graphql/typedefs.ts';
import { EXAMPLES } from '../../src/http/examples.ts';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';

const gateway = useGateway({}, {}, 'made-up');
const html = { accept: 'text/html,*/*;q=0.8' };

describe('the page', () => {
  it.each(['/', '/graphiql'])('is served at %s, with a policy that names a nonce of its own', async (place) => {
    const pages = await Promise.all([1, 2].map(() => fetch(gateway().url + place, { headers: html })));
    const policies = pages.map(({ headers }) => headers.get('content-security-policy'));
    expect(policies[0]).toMatch(/script-src 'self' 'nonce-[\w+/=]+'/);
    expect(policies[0]).not.toBe(policies[1]);
    expect(pages[0]?.headers.get('x-frame-options')).toBe('DENY');
  });

  it('is not what a program gets at /', async () => {
    const response = await fetch(`${gateway().url}/`, { headers: { accept: '*/*' } });
    expect(await response.json()).toEqual({ graphql: '/graphql', explorer: '/graphiql' });
  });

  it('an asset that is not there is 404', async () => {
    expect((await fetch(`${gateway().url}/graphiql/static/nothing.js`)).status).toBe(404);
  });

  it('every example fits the schema', () => {
    const schema = buildSchema(readTypeDefs());
    expect(EXAMPLES.flatMap(({ query }) => validate(schema, parse(query)))).toEqual([]);
  });
});

describe('without explorer', () => {
  const bare = useGateway({ explorer: false });
  it('nothing is served', async () => {
    expect((await fetch(`${bare().url}/graphiql`, { headers: html })).status).toBe(404);
  });
});

describe.runIf(hasBrowser())('in a browser', () => {
  it('a query runs as the demo user, and nothing leaves the machine', async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const foreign: string[] = [];
      const complaints: string[] = [];
      const own = gateway().url.replace(/^http/, '');
      page.on('request', (request) => {
        const address = request.url();
        if (!/^(?:data|blob):/.test(address) && !address.replace(/^(?:http|ws)/, '').startsWith(own))
          foreign.push(address);
      });
      page.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
      });
      await page.goto(`${gateway().url}/`);
      const editor = page.locator('.graphiql-query-editor .view-lines');
      await editor.waitFor();
      await page.getByText('Dashboard', { exact: true }).first().click();
      await editor.click();
      await page.keyboard.press('Control+Enter');
      await page.locator('.result-window').getByText('owner', { exact: false }).first().waitFor();
      expect(await page.locator('.result-window').innerText()).toContain('totalCount');
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});
