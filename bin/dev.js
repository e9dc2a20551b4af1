#!/usr/bin/env node
// Runs the program from its source, without a build of its own (Node strips the types). Needs Node 24.
import '../src/main.ts';
