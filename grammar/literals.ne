# Literals and types.

@lexer lexer

literal -> number             {% id %}
         | string             {% id %}
         | boolean            {% id %}
         | "NULL"             {% build.nullLiteral %}
         | interval           {% id %}
         | typed_literal      {% id %}

number -> %number {% build.number %}

string -> %string {% build.string %}

boolean -> "TRUE"  {% build.boolean %}
         | "FALSE" {% build.boolean %}

# The unit may also be inside the text: INTERVAL '1 minute'.
interval -> "INTERVAL" %string       {% build.interval %}
          | "INTERVAL" %string %unit {% build.interval %}
          | "INTERVAL" %number %unit {% build.interval %}

typed_literal -> %literalType %string                          {% build.typedLiteral %}
               | "TIMESTAMP" "WITH" "TIME" "ZONE" %string      {% build.typedLiteral %}
               | "TIMESTAMP" "WITHOUT" "TIME" "ZONE" %string   {% build.typedLiteral %}

type -> type_name                       {% build.type %}
      | type_name "(" type_numbers ")"  {% build.type %}
      | type "[" "]"                    {% build.listType %}
      | "ARRAY" "<" type ">"            {% build.listType %}
      | struct_word "(" type_fields ")" {% build.structType %}
      | struct_word "<" type_fields ">" {% build.structType %}

struct_word -> "STRUCT" {% id %}
             | "ROW"    {% id %}

type_fields -> type_field                 {% build.first %}
             | type_fields "," type_field {% build.append %}

type_field -> %label type {% build.typeField %}

type_name -> %typeWord                         {% build.typeName %}
           | "DOUBLE" "PRECISION"              {% build.typeName %}
           | "CHARACTER" "VARYING"             {% build.typeName %}
           | "TIMESTAMP" "WITH" "TIME" "ZONE"    {% build.typeName %}
           | "TIMESTAMP" "WITHOUT" "TIME" "ZONE" {% build.typeName %}

type_numbers -> %number                  {% build.first %}
              | type_numbers "," %number {% build.append %}
