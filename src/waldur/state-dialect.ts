import { isUpstreamError } from './errors.ts';

/**
 * Which spelling of states this upstream reads in filters (contract 1.1). The newer one is tried first; when it is refused the
 * other is tried once, and what worked is remembered. So an upgrade of Waldur under a running gateway costs one refused call.
 */
export class StateDialect {
  #legacy = false;

  /** @param spelled whether the question names states at all. */
  ask<Answer>(spelled: boolean, send: (legacy: boolean) => Promise<Answer>): Promise<Answer> {
    return spelled ? this.#askTwice(send) : send(this.#legacy);
  }

  async #askTwice<Answer>(send: (legacy: boolean) => Promise<Answer>): Promise<Answer> {
    const legacy = this.#legacy;
    try {
      return await send(legacy);
    } catch (error) {
      if (!refusesState(error)) throw error;
    }
    const answer = await send(!legacy);
    this.#legacy = !legacy;
    return answer;
  }
}

const refusesState = (error: unknown): boolean =>
  isUpstreamError(error) && error.status === 400 && error.body?.shape === 'fields' && error.body.fields.has('state');
