/** Makes the pictures of the documentation from the real pages: `npm run pictures [-- FILE ...]`. Requires Chromium. */
import { writeFileSync } from 'node:fs';
import { configWith } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { hasBrowser, openBrowser } from '../../test/support/browser.ts';
import { ROOT } from '../run.ts';
import { DASHBOARD } from './dashboard.ts';
import { EXPLORER } from './explorer.ts';
import type { Picture } from './picture.ts';
import { withPalette } from './png.ts';

/** Each picture has a young world, in which something moves. */
async function make({ file, width, height, colours = 'light', path, take }: Picture): Promise<void> {
  const gateway = await createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent' }));
  try {
    const browser = await openBrowser({ width, height });
    try {
      const page = await browser.newPage();
      await page.emulateMedia({ colorScheme: colours });
      await page.goto(`${gateway.url}${path}`);
      await page.locator('.grid-body .row:not(.empty), .sign-in output.accepted').first().waitFor();
      const taken = await take(page, gateway);
      const image = file.endsWith('.png') ? withPalette(taken) : taken;
      writeFileSync(`${ROOT}docs/images/${file}`, image);
      console.log(`docs/images/${file}: ${Math.round(image.length / 1024)} KiB`);
    } finally {
      await browser.close();
    }
  } finally {
    await gateway.close();
  }
}

const wanted = process.argv.slice(2);
if (hasBrowser('docs/images')) {
  for (const picture of [...DASHBOARD, ...EXPLORER])
    if (wanted.length === 0 || wanted.includes(picture.file)) await make(picture);
} else process.exitCode = 1;
