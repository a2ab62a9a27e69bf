import type { ControlContext } from './control-context.ts';
import { ENDPOINTS } from './endpoints.ts';
import { ControlError } from './faults.ts';
import type { ApiAnswer } from './model.ts';

/** Handles a control request. Errors are `{ "error": MESSAGE }` with a 4xx status. */
export function handleControl(
  context: ControlContext,
  method: string,
  target: string,
  body: Buffer | undefined,
): ApiAnswer {
  try {
    const { pathname, searchParams: query } = new URL(target, 'http://simulator');
    const path = pathname.slice('/__sim'.length).replace(/\/$/, '');
    const there = ENDPOINTS.filter((endpoint) => endpoint.path.test(path));
    const endpoint = there.find((one) => one.method === method);
    if (there.length === 0) throw new ControlError(404, `${pathname} does not exist; GET /__sim lists the endpoints`);
    if (endpoint === undefined) {
      throw new ControlError(405, `${pathname} allows ${there.map((one) => one.method).join(', ')}, got ${method}`);
    }
    const part = decodeURIComponent(endpoint.path.exec(path)?.[1] ?? '');
    return json(endpoint.status ?? 200, endpoint.run({ context, query, part, body: parse(body) }));
  } catch (error) {
    if (error instanceof ControlError) return json(error.status, { error: error.message });
    if (error instanceof URIError || (error instanceof TypeError && 'code' in error)) {
      return json(400, { error: 'the URL is invalid' });
    }
    throw error;
  }
}

const json = (status: number, value: unknown): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

function parse(body: Buffer | undefined): unknown {
  if (body === undefined) throw new ControlError(413, 'the body is too long');
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ControlError(400, `the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
