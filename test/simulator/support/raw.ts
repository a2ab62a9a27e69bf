import net from 'node:net';

export interface RawAnswer {
  /** All that arrived, head and body, byte for byte. */
  text: string;
  /** How it ended: by the other side, by a reset, or it did not within the time that was given. */
  end: 'closed' | 'reset' | 'open';
}

/**
 * Sends a GET over a bare socket and reports what comes back, so that one sees what a broken answer looks like on the wire.
 * `until`: stop looking, with the connection still open, as soon as so many bytes of the body are there.
 */
export function rawGet(port: number, target: string, token: string, until?: { bodyBytes: number }): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    const finish = (end: RawAnswer['end']): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve({ text, end });
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const head = text.indexOf('\r\n\r\n');
      if (until !== undefined && head >= 0 && text.length - head - 4 >= until.bodyBytes) finish('open');
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', () => finish('reset'));
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: waldur.test\r\nAccept: application/json\r\nAuthorization: Token ${token}\r\n\r\n`,
    );
  });
}

export const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
export const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
