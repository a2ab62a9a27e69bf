import { errorCodes, type FastifyRequest } from 'fastify';
import { ChunkBuffer } from '../runtime/chunk-buffer.ts';

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads bodies for the framework, as its own reader does, but bounded in memory however small the pieces are in which one comes.
 * @param maxBytes more is refused, before any of it is read when its length is announced.
 */
export function bodyReader(
  maxBytes: number,
): (request: FastifyRequest, stream: FastifyRequest['raw'], done: Done) => void {
  return ({ headers }, stream, done) => {
    const announced = Number(headers['content-length']);
    if (announced > maxBytes) return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    const pieces = new ChunkBuffer();
    const finish: Done = (error, body) => {
      stream.off('data', take).off('end', end).off('error', fail);
      done(error, body);
    };
    const take = (piece: Buffer): void => {
      pieces.add(piece);
      if (pieces.size > maxBytes) finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    };
    const end = (): void => finish(null, pieces.whole());
    // The client has left: nobody will see it.
    const fail = (error: Error): void => finish(Object.assign(error, { statusCode: 400 }));
    stream.on('data', take).on('end', end).on('error', fail);
  };
}
