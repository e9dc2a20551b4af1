# SELECT and the clauses that belong to its statement. Each rung of the ladder adds one clause.

@lexer lexer

emitted_query -> query              {% build.emittedQuery %}
               | query emit_clauses {% build.emittedQuery %}

query -> body                      {% id %}
       | "WITH" common_tables body {% build.withTables %}

common_tables -> common_table                   {% build.first %}
               | common_tables "," common_table {% build.append %}

common_table -> %name "AS" "(" query ")"               {% build.commonTable %}
              | %name "(" names ")" "AS" "(" query ")" {% build.commonTable %}

# A query that begins with SELECT or WITH: where parentheses around it are those of an expression.
unwrapped -> unwrapped_body             {% id %}
           | "WITH" common_tables body {% build.withTables %}

unwrapped_body -> unwrapped_sorted       {% id %}
                | unwrapped_sorted limit {% build.limited %}

unwrapped_sorted -> unwrapped_united                         {% id %}
                  | unwrapped_united "ORDER" "BY" sort_items {% build.orderBy %}

unwrapped_united -> qualified                               {% id %}
                  | unwrapped_united "UNION" "ALL" term      {% build.unionAll %}
                  | unwrapped_united "UNION" term            {% build.union %}
                  | unwrapped_united "UNION" "DISTINCT" term {% build.union %}

body -> sorted       {% id %}
      | sorted limit {% build.limited %}

sorted -> united                         {% id %}
        | united "ORDER" "BY" sort_items {% build.orderBy %}

united -> term                           {% id %}
        | united "UNION" "ALL" term      {% build.unionAll %}
        | united "UNION" term            {% build.union %}
        | united "UNION" "DISTINCT" term {% build.union %}

term -> qualified     {% id %}
      | "(" query ")" {% build.parenthesized %}

qualified -> windowed                     {% id %}
           | windowed "QUALIFY" expression {% build.qualify %}

windowed -> restricted                         {% id %}
          | restricted "WINDOW" named_windows {% build.windows %}

restricted -> grouped                    {% id %}
            | grouped "HAVING" expression {% build.having %}

grouped -> filtered                              {% id %}
         | filtered "GROUP" "BY" "ALL"           {% build.groupByAll %}
         | filtered "GROUP" "BY" expression_list {% build.groupBy %}

filtered -> selected                    {% id %}
          | selected "WHERE" expression {% build.where %}

selected -> read                                       {% id %}
          | selected "," unnest                        {% build.unnested %}
          | selected "CROSS" "JOIN" unnest             {% build.unnested %}
          | selected "LEFT" "JOIN" unnest "ON" "TRUE" {% build.unnestedOuter %}

read -> "SELECT" select_items "FROM" tables             {% build.selectFrom %}
      | "SELECT" "ALL" select_items "FROM" tables       {% build.selectAll %}
      | "SELECT" "DISTINCT" select_items "FROM" tables  {% build.selectDistinct %}
      | "SELECT" distinct_on select_items "FROM" tables {% build.selectDistinctOn %}

# --- joins: from left to right, looser by a comma ---

tables -> joined_table            {% id %}
        | tables "," joined_table {% build.commaJoin %}

joined_table -> table {% id %}
              | join  {% id %}

join -> joined_table "CROSS" "JOIN" table                        {% build.crossJoin %}
      | joined_table join_type "JOIN" table join_condition       {% build.join %}
      | joined_table "JOIN" table join_condition                 {% build.plainJoin %}
      | joined_table "NATURAL" join_type "JOIN" table            {% build.naturalJoin %}
      | joined_table "NATURAL" "JOIN" table                      {% build.naturalJoin %}

join -> joined_table "ASOF" "JOIN" table asof_condition                {% build.asofJoin %}
      | joined_table "ASOF" join_type "JOIN" table asof_condition      {% build.asofJoin %}

join -> joined_table "TEMPORAL" "PROBE" "JOIN" table "ON" "(" names ")" probes "AS" %label {% build.probeJoin %}

probes -> probe_offsets                                              {% build.probes %}
        | "TIMESTAMPS" "(" %label "," %label ")" probe_offsets       {% build.probes %}

probe_offsets -> "LIST" "(" offsets ")"                              {% build.probeList %}
               | "RANGE" "FROM" offset "TO" offset                   {% build.probeRange %}
               | "RANGE" "FROM" offset "TO" offset "STEP" offset     {% build.probeRange %}

offsets -> offset             {% build.first %}
         | offsets "," offset {% build.append %}

offset -> %number         {% build.probeOffset %}
        | "-" %number     {% build.probeOffset %}
        | %bad_number     {% build.probeOffset %}
        | "-" %bad_number {% build.probeOffset %}
        | duration        {% id %}

asof_condition -> match_condition                {% build.asofCondition %}
                | join_condition                 {% build.asofCondition %}
                | match_condition join_condition {% build.asofCondition %}
                | join_condition match_condition {% build.asofCondition %}

match_condition -> "MATCH_CONDITION" "(" expression ")" {% build.matchCondition %}

join_type -> "INNER"         {% build.joinType('inner') %}
           | "LEFT"          {% build.joinType('left') %}
           | "LEFT" "OUTER"  {% build.joinType('left') %}
           | "RIGHT"         {% build.joinType('right') %}
           | "RIGHT" "OUTER" {% build.joinType('right') %}
           | "FULL"          {% build.joinType('full') %}
           | "FULL" "OUTER"  {% build.joinType('full') %}
           | "SEMI"          {% build.joinType('semi') %}
           | "LEFT" "SEMI"   {% build.joinType('semi') %}
           | "ANTI"          {% build.joinType('anti') %}
           | "LEFT" "ANTI"   {% build.joinType('anti') %}

join_condition -> "ON" expression         {% build.joinOn %}
                | "USING" "(" names ")"   {% build.joinUsing %}

unnest -> unnest_call                            {% id %}
        | unnest_call %alias                     {% build.unnestAlias %}
        | unnest_call "AS" %label                {% build.unnestAlias %}
        | unnest_call %alias "(" names ")"       {% build.unnestAlias %}
        | unnest_call "AS" %label "(" names ")"  {% build.unnestAlias %}

unnest_call -> "UNNEST" "(" expression ")"                     {% build.unnest %}
             | "UNNEST" "(" expression ")" "WITH" "ORDINALITY" {% build.unnest %}


distinct_on -> "DISTINCT" "ON" "(" expression_list ")" {% build.distinctOn %}

select_items -> select_item                  {% build.first %}
              | select_items "," select_item {% build.append %}

select_item -> star                   {% id %}
             | star exclude           {% build.starChanged %}
             | star replace           {% build.starChanged %}
             | star exclude replace   {% build.starChanged %}
             | expression             {% build.selectItem %}
             | expression %alias      {% build.selectItem %}
             | expression "AS" %label {% build.selectItem %}

star -> "*"           {% build.star %}
      | %name "." "*" {% build.star %}

exclude -> "EXCLUDE" %label        {% build.exclude %}
         | "EXCLUDE" "(" names ")" {% build.exclude %}

replace -> "REPLACE" replacement          {% build.replace %}
         | "REPLACE" "(" replacements ")" {% build.replace %}

replacements -> replacement                  {% build.first %}
              | replacements "," replacement {% build.append %}

replacement -> expression "AS" %label {% build.replacement %}

names -> %label           {% build.firstName %}
       | names "," %label {% build.appendName %}

table -> "(" join ")"              {% build.second %}
       | %name                     {% build.table %}
       | %name %alias              {% build.table %}
       | %name "AS" %label         {% build.table %}
       | versions                  {% id %}
       | versions %alias           {% build.versionsAlias %}
       | versions "AS" %label      {% build.versionsAlias %}
       | "(" query ")"             {% build.subquery %}
       | "(" query ")" %alias      {% build.subquery %}
       | "(" query ")" "AS" %label {% build.subquery %}

versions -> %name "FOR" "SYSTEM_TIME" "AS" "OF" expression                         {% build.versions %}
          | %name "FOR" "SYSTEM_TIME" "AS" "OF" expression "VERSIONED" "ON" %label {% build.versions %}

# --- the first rows of an order ---

limit -> "LIMIT" number                      {% build.limit %}
       | "LIMIT" number "OFFSET" number      {% build.limit %}
       | "LIMIT" number "BY" expression_list {% build.limitBy %}
       | "OFFSET" number                     {% build.offset %}

# --- windows of OVER ---

named_windows -> named_window                   {% build.first %}
               | named_windows "," named_window {% build.append %}

named_window -> %name "AS" window_specification {% build.namedWindow %}

over -> "OVER" %name                {% build.overName %}
      | "OVER" window_specification {% build.second %}

window_specification -> "(" ")"                      {% build.window %}
                      | "(" window_ordered ")"       {% build.window %}
                      | "(" frame ")"                {% build.window %}
                      | "(" window_ordered frame ")" {% build.window %}

window_ordered -> window_partitioned                            {% id %}
                | "ORDER" "BY" sort_items                       {% build.windowOrder %}
                | window_partitioned "ORDER" "BY" sort_items    {% build.windowOrder %}

window_partitioned -> %name                                    {% build.windowBase %}
                    | "PARTITION" "BY" expression_list         {% build.windowPartition %}
                    | %name "PARTITION" "BY" expression_list   {% build.windowPartition %}

frame -> frame_extent           {% id %}
       | frame_extent exclusion {% build.frameExclusion %}

frame_extent -> frame_unit frame_bound                             {% build.frame %}
              | frame_unit "BETWEEN" frame_bound "AND" frame_bound {% build.frame %}

exclusion -> "EXCLUDE" "CURRENT" "ROW" {% build.exclusion %}
           | "EXCLUDE" "GROUP"         {% build.exclusion %}
           | "EXCLUDE" "TIES"          {% build.exclusion %}
           | "EXCLUDE" "NO" "OTHERS"   {% build.exclusion %}

frame_unit -> "ROWS"  {% id %}
            | "RANGE" {% id %}
            | "GROUPS" {% id %}

frame_bound -> "UNBOUNDED" "PRECEDING"  {% build.frameBound %}
             | "UNBOUNDED" "FOLLOWING"  {% build.frameBound %}
             | "CURRENT" "ROW"          {% build.frameBound %}
             | frame_offset "PRECEDING" {% build.frameBound %}
             | frame_offset "FOLLOWING" {% build.frameBound %}

frame_offset -> number   {% id %}
              | interval {% id %}

# --- when results are written: in any order, each at most once ---

emit_clauses -> emit               {% build.emitClauses %}
              | lateness           {% build.emitClauses %}
              | late               {% build.emitClauses %}
              | emit lateness      {% build.emitClauses %}
              | lateness emit      {% build.emitClauses %}
              | emit late          {% build.emitClauses %}
              | late emit          {% build.emitClauses %}
              | lateness late      {% build.emitClauses %}
              | late lateness      {% build.emitClauses %}
              | emit lateness late {% build.emitClauses %}
              | emit late lateness {% build.emitClauses %}
              | lateness emit late {% build.emitClauses %}
              | lateness late emit {% build.emitClauses %}
              | late emit lateness {% build.emitClauses %}
              | late lateness emit {% build.emitClauses %}

emit -> emit_form                                {% id %}
      | emit_form "OR" "AFTER" duration "IDLE"   {% build.orIdle %}

emit_form -> "EMIT" "ON" "WINDOW" "CLOSE"   {% build.emit('on-window-close') %}
           | "EMIT" "ON" "WATERMARK"        {% build.emit('on-watermark') %}
           | "EMIT" "AFTER" "WATERMARK"     {% build.emit('on-watermark') %}
           | "EMIT" "ON" "UPDATE"           {% build.emit('on-update') %}
           | "EMIT" "FINAL"                 {% build.emit('final') %}
           | "EMIT" "CHANGES"               {% build.emit('changes') %}
           | "EMIT" "EVERY" duration        {% build.emit('every') %}
           | "EMIT" "PERIODICALLY" duration {% build.emit('every') %}

lateness -> "ALLOW" "LATENESS" duration {% build.lateness %}

late -> "LATE" "DATA" "TO" %name {% build.lateData %}

duration -> interval {% id %}
          | %string  {% build.durationText %}
