# The .lsql dialect.
#
# One statement at a time: the parser cuts the token stream at `;` and parses each piece with the rules below.
#
#   "WORD"   a keyword, in any case             "("      punctuation or an operator
#   %name    a word or "quoted name" that is no reserved keyword (src/sql/terminals.ts lists them all)
#   %label   any word or "quoted name": where nothing else could stand, a keyword is a name
#   %string %number %compare %body              kinds of tokens (src/sql/lexer.ts)
#
# Every text has at most one parse, and a test holds that. No rule is empty: optional parts are written out as
# alternatives or as a ladder, which keeps the Earley parser fast.

@preprocessor esmodule
@{%
import { tokenTypes as lexer } from '../../src/sql/lexer.ts';
import * as statements from '../../src/sql/build-statement.ts';
import * as queries from '../../src/sql/build-query.ts';
import * as over from '../../src/sql/build-over.ts';
import * as unions from '../../src/sql/build-union.ts';
import * as joins from '../../src/sql/build-join.ts';
import * as expressions from '../../src/sql/build-expression.ts';
import * as literals from '../../src/sql/build-literal.ts';
import * as nested from '../../src/sql/build-nested.ts';
import * as functions from '../../src/sql/build-function.ts';
import {
  alias, callName, label, literalType, name, optionWord, typeWord, unit
} from '../../src/sql/terminals.ts';

const build = { ...statements, ...queries, ...over, ...unions, ...joins, ...expressions, ...literals, ...nested, ...functions };
%}
@lexer lexer

statement -> create_source {% id %}
           | create_lookup {% id %}
           | create_stream {% id %}
           | create_sink   {% id %}
           | create_function {% id %}
           | insert_into   {% id %}
           | drop          {% id %}
           | select        {% id %}
           | set           {% id %}

@include "./statements.ne"
@include "./functions.ne"
@include "./select.ne"
@include "./expressions.ne"
@include "./literals.ne"
