import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { resumable, type StreamClient } from '../../../clients/live/src/index.ts';
import { configWith } from '../../../src/config.ts';
import { createGateway, type Gateway } from '../../../src/gateway.ts';
import { tokenOf } from '../../support/gateway.ts';
import { FAST } from '../../support/live.ts';
import type { Cuts } from './cuts.ts';

/** Clients and gateways of the tests. */

export const SOON = { timeout: 20_000, interval: 5 };
const authorization = () => ({ Authorization: `Token ${tokenOf('admin1')}` });
const atOnce = async (): Promise<void> => {};

/** Clients as most people make them, except for the pauses. */
export const CLIENTS: Readonly<Record<string, (url: string) => StreamClient>> = {
  'graphql-ws': (url) =>
    resumable(
      ws.createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        connectionParams: authorization,
        retryWait: atOnce,
      }),
      { retryDelay: () => 5 },
    ),
  'graphql-sse': (url) =>
    resumable(sse.createClient({ url: `${url}/graphql`, headers: authorization, retry: atOnce }), {
      retryDelay: () => 5,
    }),
};

/** Starts a gateway behind the proxy. */
export async function startBehind(cuts: Cuts, waldurApiUrl: string): Promise<Gateway> {
  const gateway = await createGateway(
    configWith({ port: 0, waldurApiUrl, socketDrainMs: 0, shutdownTimeoutMs: 500, cacheTtlMs: 0, logLevel: 'silent' }),
    { live: FAST },
  );
  cuts.forwardTo(Number(new URL(gateway.url).port));
  return gateway;
}
