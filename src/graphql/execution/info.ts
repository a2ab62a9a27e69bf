import type { GraphQLResolveInfo } from 'graphql';
import type { PlanField } from './plan.ts';
import type { Run } from './run.ts';

/** What resolvers learn of the field they run for. One serves every row, so it knows no path. */
export class SharedInfo implements GraphQLResolveInfo {
  readonly fieldName: GraphQLResolveInfo['fieldName'];
  readonly fieldNodes: GraphQLResolveInfo['fieldNodes'];
  readonly returnType: GraphQLResolveInfo['returnType'];
  readonly parentType: GraphQLResolveInfo['parentType'];
  readonly schema: GraphQLResolveInfo['schema'];
  readonly fragments: GraphQLResolveInfo['fragments'];
  readonly rootValue: GraphQLResolveInfo['rootValue'];
  readonly operation: GraphQLResolveInfo['operation'];
  readonly variableValues: GraphQLResolveInfo['variableValues'];

  constructor(field: PlanField, run: Run) {
    const { schema, fragments, operation } = run.compiled;
    this.fieldName = field.name;
    this.fieldNodes = field.nodes;
    this.returnType = field.type;
    this.parentType = field.parentType;
    this.schema = schema;
    this.fragments = fragments;
    this.rootValue = run.root;
    this.operation = operation;
    this.variableValues = run.variables;
  }

  /** @throws always: the path of any one row would be wrong for the others. */
  get path(): GraphQLResolveInfo['path'] {
    throw new Error(
      `The resolver of ${this.parentType.name}.${this.fieldName} reads info.path, which a plan does not have.`,
    );
  }
}
