# Expressions: the precedence ladder of PostgreSQL, loosest first. Each rung names what it adds and falls to the next.

@lexer lexer

expression_list -> expression                     {% build.first %}
                 | expression_list "," expression {% build.append %}

expression -> expression "OR" conjunction {% build.binary %}
            | conjunction                 {% id %}

conjunction -> conjunction "AND" negation {% build.binary %}
             | negation                   {% id %}

negation -> "NOT" negation {% build.unary %}
          | predicate      {% id %}

predicate -> predicate "IS" state       {% build.tested %}
           | predicate "IS" "NOT" state {% build.tested %}
           | comparison                 {% id %}

state -> "NULL"                       {% build.isNull %}
       | "UNKNOWN"                    {% build.isNull %}
       | boolean                      {% build.isBoolean %}
       | "DISTINCT" "FROM" comparison {% build.isDistinct %}

# Not a chain: `a < b < c` needs parentheses.
comparison -> range %compare range {% build.binary %}
            | range                {% id %}

range -> joined match       {% build.tested %}
       | joined "NOT" match {% build.tested %}
       | joined             {% id %}

match -> "BETWEEN" joined "AND" joined  {% build.between %}
       | "IN" "(" expression_list ")"   {% build.inList %}
      | "IN" "(" unwrapped ")"         {% build.inQuery %}
       | "LIKE" joined                  {% build.like %}
       | "LIKE" joined "ESCAPE" joined  {% build.like %}
       | "ILIKE" joined                 {% build.like %}
       | "ILIKE" joined "ESCAPE" joined {% build.like %}
       | "SIMILAR" "TO" joined            {% build.similar %}

# Every operator that SQL's standard does not place, left to right.
joined -> joined "||" inverted  {% build.binary %}
        | joined "->" inverted  {% build.binary %}
        | joined "->>" inverted {% build.binary %}
        | joined "~" inverted   {% build.binary %}
        | joined "!~" inverted  {% build.binary %}
        | joined "~*" inverted  {% build.binary %}
        | joined "!~*" inverted {% build.binary %}
        | joined "&" inverted   {% build.binary %}
        | joined "|" inverted   {% build.binary %}
        | joined "<<" inverted  {% build.binary %}
        | joined ">" ">" inverted {% build.shiftRight %}
        | inverted              {% id %}

inverted -> "~" inverted {% build.unary %}
          | sum          {% id %}

sum -> sum "+" product {% build.binary %}
     | sum "-" product {% build.binary %}
     | product         {% id %}

product -> product "*" power  {% build.binary %}
         | product "/" power  {% build.binary %}
         | product "//" power {% build.binary %}
         | product "%" power  {% build.binary %}
         | power              {% id %}

# From left to right, and looser than a sign: -2 ^ 2 is 4.
power -> power "^" zoned {% build.binary %}
       | zoned           {% id %}

zoned -> zoned "AT" "TIME" "ZONE" sign {% build.atTimeZone %}
       | sign                          {% id %}

sign -> "-" sign {% build.unary %}
      | "+" sign {% build.unary %}
      | cast     {% id %}

cast -> cast "::" type {% build.castSuffix %}
      | postfix        {% id %}

# A name behind a name may be a column of a relation or a field of a struct: the binder knows.
postfix -> postfix "." %label         {% build.field %}
         | postfix "[" expression "]" {% build.subscript %}
         | postfix "[" slice "]"      {% build.slice %}
         | primary                    {% id %}

slice -> ":"                       {% build.sliceBounds %}
       | expression ":"            {% build.sliceBounds %}
       | ":" expression            {% build.sliceBounds %}
       | expression ":" expression {% build.sliceBounds %}

primary -> literal            {% id %}
         | "EXISTS" "(" query ")" {% build.exists %}
         | "(" unwrapped ")"      {% build.scalarQuery %}
         | column             {% id %}
         | call               {% id %}
         | case               {% id %}
         | list               {% id %}
         | struct             {% id %}
         | "(" expression ")" {% build.parenthesised %}

column -> %name {% build.column %}

# --- lists and structs ---

list -> "[" "]"                         {% build.list %}
      | "[" expression_list "]"         {% build.list %}
      | "ARRAY" "[" "]"                 {% build.list %}
      | "ARRAY" "[" expression_list "]" {% build.list %}

struct -> "{" struct_fields "}"                 {% build.struct %}
        | "STRUCT_PACK" "(" named_values ")" {% build.structPack %}

struct_fields -> struct_field                   {% build.first %}
               | struct_fields "," struct_field {% build.append %}

struct_field -> field_name ":" expression {% build.structField %}

field_name -> %label  {% id %}
            | %string {% id %}

named_values -> named_value                  {% build.first %}
              | named_values "," named_value {% build.append %}

named_value -> %label ":=" expression {% build.structField %}

# --- CASE ---

case -> "CASE" branches case_end            {% build.searchedCase %}
      | "CASE" expression branches case_end {% build.simpleCase %}

case_end -> "END"                   {% build.caseEnd %}
          | "ELSE" expression "END" {% build.caseEnd %}

branches -> branch          {% build.first %}
          | branches branch {% build.appendNext %}

branch -> "WHEN" expression "THEN" expression {% build.branch %}

# --- calls ---

call -> %callName arguments                     {% build.call %}
      | %callName arguments filter              {% build.call %}
      | %callName arguments over                {% build.call %}
      | %callName arguments filter over         {% build.call %}
      | %callName arguments nulls over          {% build.call %}
      | %callName arguments filter nulls over   {% build.call %}
      | %callName nulls_arguments over          {% build.call %}
      | %callName nulls_arguments filter over   {% build.call %}
      | %callName arguments within_group        {% build.call %}
      | %callName arguments within_group filter {% build.call %}
      | %callName arguments within_group over   {% build.call %}
      | %callName arguments within_group filter over {% build.call %}
      | %callName ordered_arguments             {% build.call %}
      | %callName ordered_arguments filter      {% build.call %}
      | %callName ordered_arguments over        {% build.call %}
      | %callName ordered_arguments filter over {% build.call %}
      | special_call                            {% id %}

filter -> "FILTER" "(" "WHERE" expression ")" {% build.filter %}

within_group -> "WITHIN" "GROUP" "(" "ORDER" "BY" sort_items ")" {% build.withinGroup %}

arguments -> "(" ")"                            {% build.argumentList %}
           | "(" "*" ")"                        {% build.argumentStar %}
           | "(" expression_list ")"            {% build.argumentList %}
           | "(" "DISTINCT" expression_list ")" {% build.argumentsDistinct %}

# Functions of OVER may leave rows with NULL out.
nulls -> "IGNORE" "NULLS"  {% build.nulls %}
       | "RESPECT" "NULLS" {% build.nulls %}

nulls_arguments -> "(" expression_list nulls ")" {% build.argumentsNulls %}

ordered_arguments -> "(" expression_list "ORDER" "BY" sort_items ")"            {% build.argumentsOrdered %}
                   | "(" "DISTINCT" expression_list "ORDER" "BY" sort_items ")" {% build.argumentsOrdered %}

sort_items -> sort_item                {% build.first %}
            | sort_items "," sort_item {% build.append %}

sort_item -> sort_key                  {% id %}
           | sort_key "NULLS" "FIRST" {% build.sortNulls %}
           | sort_key "NULLS" "LAST"  {% build.sortNulls %}

sort_key -> expression        {% build.sortKey %}
          | expression "ASC"  {% build.sortKey %}
          | expression "DESC" {% build.sortKey %}

# Calls with words between their arguments.
special_call -> "CAST" "(" expression "AS" type ")"                {% build.cast(false) %}
              | "TRY_CAST" "(" expression "AS" type ")"            {% build.cast(true) %}
              | "EXTRACT" "(" extract_field "FROM" expression ")"  {% build.extract %}
              | "POSITION" "(" position_arguments ")"              {% build.position %}
              | "SUBSTRING" "(" substring_arguments ")"            {% build.substring %}
              | "TRIM" "(" trim_arguments ")"                      {% build.trim %}

position_arguments -> joined "IN" joined        {% build.positionIn %}
                    | expression "," expression {% build.positionList %}

substring_arguments -> expression "FROM" expression                  {% build.substringFrom %}
                     | expression "FROM" expression "FOR" expression {% build.substringFrom %}
                     | expression "FOR" expression                   {% build.substringFor %}

trim_arguments -> "FROM" expression                      {% build.trimFrom %}
                | expression "FROM" expression           {% build.trimFrom %}
                | trim_side expression                   {% build.trimFrom %}
                | trim_side "FROM" expression            {% build.trimFrom %}
                | trim_side expression "FROM" expression {% build.trimFrom %}

extract_field -> %label  {% id %}
               | %string {% id %}

trim_side -> "BOTH"     {% id %}
           | "LEADING"  {% id %}
           | "TRAILING" {% id %}
