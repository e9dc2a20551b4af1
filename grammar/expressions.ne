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

predicate -> predicate "IS" "NULL"                             {% build.isNull(false) %}
           | predicate "IS" "NOT" "NULL"                       {% build.isNull(true) %}
           | predicate "IS" boolean                            {% build.isBoolean(false) %}
           | predicate "IS" "NOT" boolean                      {% build.isBoolean(true) %}
           | predicate "IS" "DISTINCT" "FROM" comparison       {% build.isDistinct(false) %}
           | predicate "IS" "NOT" "DISTINCT" "FROM" comparison {% build.isDistinct(true) %}
           | comparison                                        {% id %}

# Not a chain: `a < b < c` needs parentheses.
comparison -> range %compare range {% build.binary %}
            | range                {% id %}

range -> joined "BETWEEN" joined "AND" joined       {% build.between(false) %}
       | joined "NOT" "BETWEEN" joined "AND" joined {% build.between(true) %}
       | joined "IN" "(" expression_list ")"        {% build.inList(false) %}
       | joined "NOT" "IN" "(" expression_list ")"  {% build.inList(true) %}
       | joined like joined                         {% build.like %}
       | joined like joined "ESCAPE" joined         {% build.like %}
       | joined                                     {% id %}

like -> "LIKE"        {% build.likeWords %}
      | "ILIKE"       {% build.likeWords %}
      | "NOT" "LIKE"  {% build.likeWords %}
      | "NOT" "ILIKE" {% build.likeWords %}

joined -> joined "||" sum {% build.binary %}
        | sum             {% id %}

sum -> sum "+" product {% build.binary %}
     | sum "-" product {% build.binary %}
     | product         {% id %}

product -> product "*" sign  {% build.binary %}
         | product "/" sign  {% build.binary %}
         | product "//" sign {% build.binary %}
         | product "%" sign  {% build.binary %}
         | sign              {% id %}

sign -> "-" sign {% build.unary %}
      | "+" sign {% build.unary %}
      | cast     {% id %}

cast -> cast "::" type {% build.castSuffix %}
      | primary        {% id %}

primary -> literal            {% id %}
         | column             {% id %}
         | call               {% id %}
         | case               {% id %}
         | "(" expression ")" {% build.parenthesised %}

column -> %name            {% build.column %}
        | %name "." %label {% build.column %}

# --- CASE ---

case -> "CASE" branches "END"                              {% build.searchedCase %}
      | "CASE" branches "ELSE" expression "END"            {% build.searchedCase %}
      | "CASE" expression branches "END"                   {% build.simpleCase %}
      | "CASE" expression branches "ELSE" expression "END" {% build.simpleCase %}

branches -> branch          {% build.first %}
          | branches branch {% build.appendNext %}

branch -> "WHEN" expression "THEN" expression {% build.branch %}

# --- calls ---

call -> plain_call                                   {% id %}
      | plain_call "FILTER" "(" "WHERE" expression ")" {% build.filteredCall %}
      | special_call                                 {% id %}

plain_call -> %callName "(" ")"                            {% build.callEmpty %}
            | %callName "(" "*" ")"                        {% build.callStar %}
            | %callName "(" expression_list ")"            {% build.call %}
            | %callName "(" "DISTINCT" expression_list ")" {% build.callDistinct %}
            | "POSITION" "(" expression "," expression ")" {% build.callPosition %}

# Calls with words between their arguments.
special_call -> "CAST" "(" expression "AS" type ")"                             {% build.cast(false) %}
              | "TRY_CAST" "(" expression "AS" type ")"                         {% build.cast(true) %}
              | "EXTRACT" "(" extract_field "FROM" expression ")"               {% build.extract %}
              | "POSITION" "(" joined "IN" joined ")"                           {% build.positionIn %}
              | "SUBSTRING" "(" expression "FROM" expression ")"                {% build.substringFrom %}
              | "SUBSTRING" "(" expression "FROM" expression "FOR" expression ")" {% build.substringFrom %}
              | "SUBSTRING" "(" expression "FOR" expression ")"                 {% build.substringFor %}
              | "TRIM" "(" "FROM" expression ")"                                {% build.trim %}
              | "TRIM" "(" expression "FROM" expression ")"                     {% build.trim %}
              | "TRIM" "(" trim_side expression ")"                             {% build.trim %}
              | "TRIM" "(" trim_side "FROM" expression ")"                      {% build.trim %}
              | "TRIM" "(" trim_side expression "FROM" expression ")"           {% build.trim %}

extract_field -> %label  {% id %}
               | %string {% id %}

trim_side -> "BOTH"     {% id %}
           | "LEADING"  {% id %}
           | "TRAILING" {% id %}
