import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Browser } from '../../support/browser.ts';

/** The explorer in a browser, used as a person does: by what is on the screen, and the keyboard. */
export interface Explorer {
  readonly page: Page;
  tabs(): Promise<string[]>;
  activeTab(): Promise<string>;
  openTab(name: string): Promise<void>;
  /** Runs the document of the tab. */
  run(): Promise<void>;
  /** Waits for a text in the result. */
  result(expected: string): Promise<void>;
  /** Waits for a text in the bar above the editor. */
  signIn(expected: string | RegExp): Promise<void>;
  /** Addresses requested so far, those of WebSockets too. */
  readonly requests: readonly string[];
  /** What the browser reported: messages in the console, scripts that failed, what the policy forbade, missing files. */
  readonly complaints: readonly string[];
}

/** Addresses that are not the gateway's. What a page contains itself (`data:`) has no host. */
export const foreign = (addresses: readonly string[], own: string): string[] =>
  addresses.filter((address) => {
    const { protocol, host } = new URL(address);
    return protocol !== 'data:' && host !== new URL(own).host;
  });

/** Opens the explorer and waits until it knows the schema. */
export async function openExplorer(browser: Browser, url: string): Promise<Explorer> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const introspection = page.waitForResponse(
    (response) => response.request().postData()?.includes('IntrospectionQuery') === true,
  );
  await page.goto(url);
  await (await introspection).finished();

  const editor = page.locator('.graphiql-query-editor .view-lines');
  await editor.waitFor();
  const tab = page.locator('.graphiql-tab');
  return {
    page,
    requests,
    complaints,
    tabs: () => tab.allInnerTexts(),
    activeTab: () => page.locator('.graphiql-tab-active').innerText(),
    async openTab(name) {
      await tab.getByText(name, { exact: true }).click();
      // Until the page has read the new document it would run the operation of the old one. It stores it last.
      await expect
        .poll(() => page.evaluate("localStorage['graphiql:query']"))
        .toMatch(new RegExp(`^\\w+ ${name}\\b`, 'm'));
    },
    async run() {
      await editor.click();
      await page.keyboard.press('Control+Enter');
    },
    async result(expected) {
      await page.locator('.result-window .view-lines').getByText(expected).first().waitFor();
    },
    async signIn(expected) {
      await page.locator('.sign-in output').getByText(expected).waitFor();
    },
  };
}
