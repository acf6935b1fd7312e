/** The client of the gateway, generated from the committed `openapi.json`; `npm run api` writes it anew. */
import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: process.env.RADIOLOGY_OPENAPI ?? '../openapi.json',
  output: { path: 'shared/api/generated', clean: true },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
