# SELECT and the clauses that belong to its statement. Each rung of the ladder adds one clause.

@lexer lexer

emitted_query -> query              {% build.emittedQuery %}
               | query emit_clauses {% build.emittedQuery %}

query -> grouped                    {% build.query %}
       | grouped "HAVING" expression {% build.query %}

grouped -> filtered                              {% id %}
         | filtered "GROUP" "BY" expression_list {% build.groupBy %}

filtered -> selected                    {% id %}
          | selected "WHERE" expression {% build.where %}

selected -> "SELECT" select_items "FROM" table {% build.selectFrom %}

select_items -> select_item                  {% build.first %}
              | select_items "," select_item {% build.append %}

select_item -> "*"                    {% build.star %}
             | %name "." "*"          {% build.star %}
             | expression             {% build.selectItem %}
             | expression %alias      {% build.selectItem %}
             | expression "AS" %label {% build.selectItem %}

table -> %name             {% build.table %}
       | %name %alias      {% build.table %}
       | %name "AS" %label {% build.table %}

# --- when results are written: in any order, each at most once ---

emit_clauses -> emit          {% build.emitClauses %}
              | lateness      {% build.emitClauses %}
              | emit lateness {% build.emitClauses %}
              | lateness emit {% build.emitClauses %}

emit -> "EMIT" "ON" "WINDOW" "CLOSE"   {% build.emit('on-window-close') %}
      | "EMIT" "ON" "WATERMARK"        {% build.emit('on-watermark') %}
      | "EMIT" "AFTER" "WATERMARK"     {% build.emit('on-watermark') %}
      | "EMIT" "ON" "UPDATE"           {% build.emit('on-update') %}
      | "EMIT" "FINAL"                 {% build.emit('final') %}
      | "EMIT" "CHANGES"               {% build.emit('changes') %}
      | "EMIT" "EVERY" duration        {% build.emit('every') %}
      | "EMIT" "PERIODICALLY" duration {% build.emit('every') %}

lateness -> "ALLOW" "LATENESS" duration {% build.lateness %}

duration -> interval {% id %}
          | %string  {% build.durationText %}
