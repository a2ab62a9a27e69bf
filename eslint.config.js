import graphql from '@graphql-eslint/eslint-plugin';

const recommended = graphql.configs['flat/schema-recommended'].rules;
const NAMING = '@graphql-eslint/naming-convention';
const [severity, naming] = recommended[NAMING];

/** Rules of the public schema; TypeScript is Biome's. */
export default [
  {
    files: ['schema/*.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: 'schema/*.graphql' } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...recommended,
      // A volume type is called that in Waldur and in OpenStack; the suffix rule would have us invent another word.
      [NAMING]: [severity, { ...naming, 'ObjectTypeDefinition,ObjectTypeExtension': { forbiddenPrefixes: ['Type'] } }],
      '@graphql-eslint/require-description': [
        'error',
        { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
      ],
      // Not every type has an id of its own: embedded objects are identified by what they stand in.
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  },
];
