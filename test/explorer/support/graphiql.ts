import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Browser } from '../../support/browser.ts';

/** GraphiQL in a browser, used as a person does: by what is on the screen, and the keyboard. */
export interface GraphiQL {
  readonly page: Page;
  tabs(): Promise<string[]>;
  activeTab(): Promise<string>;
  openTab(name: string): Promise<void>;
  /** Runs the document of the tab and waits for an answer that contains the text. */
  run(expected: string): Promise<void>;
  /** What the header editor shows. */
  headers(): Promise<string>;
  /** Addresses asked for so far, of WebSockets too. */
  readonly requests: readonly string[];
  /** What the browser complained about: scripts that failed, what the policy forbade, files that were not there. */
  readonly complaints: readonly string[];
}

/** Opens the page and waits until it knows the schema. */
export async function openGraphiQL(browser: Browser, url: string): Promise<GraphiQL> {
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const introspection = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await page.goto(url);
  await (await introspection).finished();

  const editor = page.locator('.graphiql-query-editor .view-lines');
  const tab = page.locator('.graphiql-tab');
  return {
    page,
    requests,
    complaints,
    tabs: () => tab.allInnerTexts(),
    activeTab: () => page.locator('.graphiql-tab-active').innerText(),
    async openTab(name) {
      await tab.getByText(name, { exact: true }).click();
      // Until the page has taken in the new document it would run the operation of the old one. It stores it last.
      await expect
        .poll(() => page.evaluate("localStorage['graphiql:query']"))
        .toMatch(new RegExp(`^\\w+ ${name}\\b`, 'm'));
    },
    async run(expected) {
      await editor.click();
      await page.keyboard.press('Control+Enter');
      await page.locator('.result-window .view-lines').getByText(expected).first().waitFor();
    },
    headers: async () => {
      const text = await page.locator('.graphiql-editor-tool .view-lines:visible').first().innerText();
      return text.replaceAll('\u00a0', ' ');
    },
  };
}
