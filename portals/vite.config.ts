/**
 * One project, two portals: `radiology/index.html` and `provider/index.html`, built into one `dist/`
 * whose hashed assets both share. The viewer is a lazy chunk that only its pages load.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin, ProxyOptions } from 'vite';
import { defineConfig } from 'vitest/config';

const GATEWAY = process.env.RADIOLOGY_GATEWAY_URL ?? 'http://127.0.0.1:3015';
const RADIOLOGY_PORT = Number(process.env.RADIOLOGY_DEV_PORT ?? 5188);
const PROVIDER_PORT = Number(process.env.PROVIDER_DEV_PORT ?? 5184);
const LOADER = '@cornerstonejs/dicom-image-loader';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The gateway checks the origin of what changes something, so the proxy speaks with its own. */
const toGateway = (ws = false): ProxyOptions => ({
  target: GATEWAY,
  changeOrigin: true,
  ws,
  headers: { origin: GATEWAY },
});

/** In development each portal has a port of its own at `/`, as in production, from one Vite server. */
function portalPerPort(): Plugin {
  return {
    name: 'portal-per-port',
    apply: () => !process.env.VITEST,
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const isPage = request.headers.accept?.includes('text/html') ?? false;
        const isProxied = /^\/(api|auth|dicom-web)(\/|$)/.test(request.url ?? '');
        if (request.method === 'GET' && isPage && !isProxied) {
          const port = Number(request.headers.host?.split(':')[1]);
          request.url = port === PROVIDER_PORT ? '/provider/index.html' : '/radiology/index.html';
        }
        next();
      });
      const provider = createServer(server.middlewares);
      provider.on('upgrade', (...upgrade) => server.httpServer?.emit('upgrade', ...upgrade));
      provider.listen(PROVIDER_PORT, '127.0.0.1');
      server.httpServer?.on('close', () => provider.close());
    },
  };
}

export default defineConfig({
  base: '/',
  appType: 'mpa',
  plugins: [react(), portalPerPort()],
  resolve: {
    alias: {
      '@shared': here('./shared'),
      '@radiology': here('./radiology/src'),
      '@provider': here('./provider/src'),
      // vtk.js reaches xmlbuilder2, which extends Node's EventEmitter while it is imported.
      events: 'events/',
    },
  },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      input: { radiology: here('./radiology/index.html'), provider: here('./provider/index.html') },
    },
  },
  optimizeDeps: {
    // Pre-bundling the loader breaks the URL of its decode worker, silently.
    exclude: [LOADER],
    include: [
      'dicom-parser',
      `${LOADER} > @cornerstonejs/codec-charls/decodewasmjs`,
      `${LOADER} > @cornerstonejs/codec-openjpeg/decodewasmjs`,
      `${LOADER} > @cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs`,
      `${LOADER} > @cornerstonejs/codec-openjph/wasmjs`,
      `${LOADER} > pako`,
      `${LOADER} > uuid`,
    ],
  },
  server: {
    host: '127.0.0.1',
    port: RADIOLOGY_PORT,
    strictPort: true,
    hmr: { host: '127.0.0.1', clientPort: RADIOLOGY_PORT },
    proxy: { '/api': toGateway(true), '/auth': toGateway(), '/dicom-web': toGateway() },
  },
  test: { include: ['{shared,radiology,provider}/**/*.test.{ts,tsx}'], environment: 'jsdom' },
});
