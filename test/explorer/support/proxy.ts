import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PrefixProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** A reverse proxy that publishes a server below a path prefix, removes the prefix and names it, as Traefik does. */
export async function openPrefixProxy(target: string, prefix: string): Promise<PrefixProxy> {
  const forwarded = ({ method, url = '', headers, socket }: http.IncomingMessage): http.ClientRequest =>
    http.request(new URL(url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : '/not-below-the-prefix', target), {
      method: method ?? 'GET',
      headers: {
        ...headers,
        'x-forwarded-prefix': prefix,
        'x-forwarded-host': headers.host ?? '',
        'x-forwarded-for': socket.remoteAddress ?? '',
      },
    });
  const server = http.createServer((request, response) => {
    const onward = forwarded(request);
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, socket) => {
    const onward = forwarded(request);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    onward.on('upgrade', ({ rawHeaders }, peer) => {
      peer.on('error', () => socket.destroy());
      const lines = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`));
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      peer.pipe(socket).pipe(peer);
    });
    onward.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
