#!/usr/bin/env node
// What npm installs as `laminar`: hands over to the bundle, with V8's compile cache for it.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('../build/bundle/cli.cjs');
