import type { Locator, Page } from 'playwright-core';
import type { Gateway } from '../../src/gateway.ts';

/** One file of docs/images. */
export interface Picture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly colours?: 'light' | 'dark';
  /** Path of the page. */
  readonly path: string;
  /** @returns a screenshot, or a whole GIF. */
  readonly take: (page: Page, gateway: Gateway) => Promise<Uint8Array>;
}

const LOOK = { caret: 'hide', animations: 'disabled' } as const;

/** A screenshot of a page or of a part of it. */
export const screenshot = (of: Page | Locator): Promise<Buffer> => of.screenshot(LOOK);

/** The editor of the explorer highlights its content in steps. Takes screenshots until two of them are equal. */
export async function settled(page: Page): Promise<Buffer> {
  let last: Buffer;
  let present = await screenshot(page);
  do {
    await page.waitForTimeout(1_000);
    [last, present] = [present, await screenshot(page)];
  } while (!present.equals(last));
  return present;
}
