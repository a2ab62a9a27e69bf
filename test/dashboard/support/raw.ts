import http, { type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** GET with an answer as it was sent: `fetch` would decompress it. */
export const rawGet = (url: string, acceptEncoding: string): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { headers: { 'accept-encoding': acceptEncoding } }, (response) => {
        buffer(response).then((body) => resolve({ headers: response.headers, body }), reject);
      })
      .on('error', reject);
  });
