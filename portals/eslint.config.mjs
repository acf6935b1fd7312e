/** Strict TypeScript, the rules of hooks, and one direction of imports: shared -> features -> app. */
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { readdirSync } from 'node:fs';

const PORTALS = ['radiology', 'provider'];

/** A feature never imports another feature, nor the app that composes them. */
function zonesOf(portal) {
  const features = readdirSync(new URL(`./${portal}/src/features`, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const others = PORTALS.filter((other) => other !== portal);
  return [
    { target: `./${portal}/src/features`, from: `./${portal}/src/app` },
    { target: './shared', from: `./${portal}` },
    ...others.map((other) => ({ target: `./${portal}`, from: `./${other}` })),
    ...features.map((feature) => ({
      target: `./${portal}/src/features/${feature}`,
      from: `./${portal}/src/features`,
      except: [`./${feature}`],
    })),
  ];
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'shared/api/generated'] },
  ...tseslint.configs.strict,
  reactHooks.configs.flat.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { typescript: { project: './tsconfig.json' } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: PORTALS.flatMap(zonesOf) }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@cornerstonejs/*'], message: 'Only shared/viewer/cornerstone/ imports Cornerstone.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'The clock on a desk may be wrong: shared/time/server-clock.ts knows what time it is.' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      // It warns of what React's compiler cannot memoize, and no compiler is in use.
      'react-hooks/incompatible-library': 'off',
    },
  },
  { files: ['shared/viewer/cornerstone/*.ts'], rules: { 'no-restricted-imports': 'off' } },
);
