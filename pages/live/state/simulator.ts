import { CONTROL_PATH } from './api.ts';

/** The embedded Waldur, changed from outside as another client or an outage would; see simulator/README.md. */

export interface DemoUser {
  readonly username: string;
  readonly role: string;
  readonly token: string;
}

/** @throws Error with the message of the embedded Waldur. */
export async function control<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(CONTROL_PATH + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `The embedded Waldur answered with status ${response.status}.`);
  return answer;
}

export const demoUsers = (): Promise<readonly DemoUser[]> => control('GET', 'tokens');

/** The token with which the first visit begins: of a user who may do most things, but not all. Empty if there is none. */
export async function demoToken(): Promise<string> {
  try {
    const users = await demoUsers();
    return (users.find(({ role }) => role === 'owner') ?? users[0])?.token ?? '';
  } catch {
    return '';
  }
}
