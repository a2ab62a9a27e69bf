/** Thrown for a document that has no plan, since it is too large for one or not valid. graphql-js executes it. */
export class NoPlan extends Error {}
