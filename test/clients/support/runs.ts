/** How many generated stories and documents the tests of clients try: some in `npm test`, more with `CLIENTS_RUNS=200`. */
export const RUNS = Number(process.env.CLIENTS_RUNS ?? 4);
