# Statements: what a pipeline file declares.

@lexer lexer

create -> "CREATE"                {% build.create %}
        | "CREATE" "OR" "REPLACE" {% build.create %}

new_name -> %name                     {% build.newName %}
          | "IF" "NOT" "EXISTS" %name {% build.newName %}

# --- sources ---

create_source -> source_head                        {% build.createSource %}
               | source_head from_connector         {% build.createSource %}
               | source_head with_options           {% build.createSource %}

source_head -> create "SOURCE" new_name                              {% build.sourceHead %}
             | create "SOURCE" new_name "(" source_elements ")"      {% build.sourceHead %}

source_elements -> source_element                     {% build.first %}
                 | source_elements "," source_element {% build.append %}

source_element -> column_definition {% id %}
                | watermark         {% id %}
                | primary_key       {% id %}

column_definition -> %label type                    {% build.columnDefinition %}
                   | %label type column_path          {% build.columnDefinition %}
                   | %label type not_null           {% build.columnDefinition %}
                   | %label type column_path not_null {% build.columnDefinition %}
                   | %label type not_null column_path {% build.columnDefinition %}

column_path -> "FROM" string {% build.second %}

not_null -> "NOT" "NULL" {% build.notNull %}

watermark -> "WATERMARK" "FOR" %name                 {% build.watermark %}
           | "WATERMARK" "FOR" %name "AS" expression {% build.watermark %}

primary_key -> "PRIMARY" "KEY" "(" names ")" {% build.primaryKey %}

# --- lookup tables ---

create_lookup -> lookup_head from_connector {% build.createLookup %}
               | lookup_head with_options   {% build.createLookup %}

lookup_head -> create "LOOKUP" "TABLE" new_name "(" lookup_elements ")" {% build.sourceHead %}

lookup_elements -> lookup_element                     {% build.first %}
                 | lookup_elements "," lookup_element {% build.append %}

lookup_element -> column_definition {% id %}
                | primary_key       {% id %}

# --- streams ---

create_stream -> create stream_flavour new_name "AS" emitted_query {% build.createStream %}

stream_flavour -> "STREAM"              {% build.flavour %}
                | "VIEW"                {% build.flavour %}
                | "MATERIALIZED" "VIEW" {% build.flavour %}
                | "CONTINUOUS" "QUERY"  {% build.flavour %}

# --- sinks ---

create_sink -> create "SINK" new_name sink_connector            {% build.createSink %}
             | create "SINK" new_name sink_input sink_connector {% build.createSink %}

sink_input -> "FROM" %name                                {% build.streamInput %}
            | "FROM" "(" emitted_query ")"                {% build.queryInput %}
            | "FROM" "(" query ")" emit_clauses           {% build.queryInput %}
            | "AS" emitted_query                          {% build.queryInput %}

sink_connector -> into_connector {% id %}
                | with_options   {% id %}

insert_into -> "INSERT" "INTO" %name emitted_query               {% build.insertInto %}
             | "INSERT" "INTO" %name "(" names ")" emitted_query {% build.insertColumns %}

# --- the rest ---

drop -> "DROP" dropped drop_name           {% build.drop %}
      | "DROP" dropped drop_name "CASCADE"  {% build.drop %}
      | "DROP" dropped drop_name "RESTRICT" {% build.drop %}

dropped -> "SOURCE"         {% build.dropped %}
         | "SINK"           {% build.dropped %}
         | "LOOKUP" "TABLE" {% build.dropped %}
         | stream_flavour   {% id %}

drop_name -> %name               {% build.droppedName %}
           | "IF" "EXISTS" %name {% build.droppedName %}

select -> emitted_query {% build.selectStatement %}

set -> "SET" dotted_name "=" option_value  {% build.set %}
     | "SET" dotted_name "TO" option_value {% build.set %}

# --- connectors and their options ---

from_connector -> "FROM" %name         {% build.connector %}
                | "FROM" %name options {% build.connector %}

into_connector -> "INTO" %name         {% build.connector %}
                | "INTO" %name options {% build.connector %}

with_options -> "WITH" options {% build.withOptions %}

options -> "(" ")"                 {% build.noOptions %}
         | "(" option_list ")"     {% build.options %}
         | "(" option_list "," ")" {% build.options %}

option_list -> option                 {% build.first %}
             | option_list "," option {% build.append %}

option -> option_key "=" option_value {% build.option %}

option_key -> dotted_name {% id %}
            | %string     {% build.stringKey %}

dotted_name -> %label                 {% build.dottedName %}
             | dotted_name "." %label {% build.dottedName %}

option_value -> string      {% id %}
              | number      {% id %}
              | "-" number  {% build.negativeNumber %}
              | boolean     {% id %}
              | interval    {% id %}
              | %optionWord {% build.wordValue %}
