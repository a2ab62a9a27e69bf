import { GraphQLError, type GraphQLObjectType } from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { executeFields } from './fields.ts';
import type { Complete, PlanField, Selection } from './plan.ts';
import { isPromise } from './promises.ts';
import { type Convert, straightObject, WAITING } from './straight.ts';

/** Completes an object of a type by executing the fields selected on it. */
export function completeObject(field: PlanField, type: GraphQLObjectType, selection: Selection): Complete {
  const isTypeOf = type.isTypeOf?.bind(type);
  if (isTypeOf === undefined) return completeFields(selection);
  const wrongType = (value: unknown): GraphQLError =>
    new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: field.nodes });
  return (value, run, path) => {
    const answer = isTypeOf(value, run.context, run.info(field));
    if (isPromise(answer)) {
      return answer.then((is) => {
        if (!is) throw wrongType(value);
        return executeFields(selection, value, run, path);
      });
    }
    if (!answer) throw wrongType(value);
    return executeFields(selection, value, run, path);
  };
}

/** Straight where that is possible, else field by field. */
function completeFields(selection: Selection): Complete {
  let straight: Convert | undefined = straightObject(selection, false);
  return (value, run, path) => {
    if (straight !== undefined) {
      try {
        return straight(value);
      } catch (thrown) {
        if (thrown === WAITING) straight = undefined;
      }
    }
    return executeFields(selection, value, run, path);
  };
}
