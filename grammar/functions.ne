# CREATE FUNCTION. The body between $$ and $$ is one token (src/sql/lexer.ts).

@lexer lexer

create_function -> function_head "RETURNS" type "LANGUAGE" %name "AS" %body {% build.createFunction %}

function_head -> create "FUNCTION" new_name function_parameters {% build.functionHead %}

function_parameters -> "(" ")"                {% build.noParameters %}
                     | "(" parameter_list ")" {% build.second %}

parameter_list -> parameter                    {% build.first %}
                | parameter_list "," parameter {% build.append %}

parameter -> %name type {% build.parameter %}
