// RFC 9457 for Problem; docs of the node's own resources.
#include "protocols/schema/openapi_fixed.hpp"

namespace bv::schema {

std::string_view fixed_components() {
  return R"json({
  "parameters": {
    "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 200},
      "description": "The same key with the same body is answered as the first time and acts once; with another body it is a conflict."},
    "IfMatch": {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "example": "\"3\"",
      "description": "The version that the entity must have; else 412 and nothing happens."},
    "IfNoneMatch": {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}, "example": "\"3\"",
      "description": "The version that the client has; answered with 304 if it is the current one."},
    "Consistency": {"name": "consistency", "in": "query", "schema": {"type": "string", "enum": ["linearizable", "stale"], "default": "linearizable"},
      "description": "`linearizable`: the state is not older than any answer that was given before the request. `stale`: a committed state as far as the node that is asked has it, also while it can reach no other; it may be old."},
    "Prefer": {"name": "Prefer", "in": "header", "schema": {"type": "string"}, "example": "return=representation",
      "description": "`return=representation` answers with the state instead of the receipt."},
    "EntityId": {"name": "id", "in": "path", "required": true, "description": "The entity's id.",
      "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9._:~-]+$"}}
  },
  "headers": {
    "ETag": {"description": "The entity's version.", "schema": {"type": "string"}, "example": "\"3\""},
    "Bv-Consistency": {"description": "Of a stale state only: `leader`, whether the node knows who leads (else it hears of nothing new), and `behind`, how many batches of the shard's log it knows of and has not taken in.",
      "schema": {"type": "string"}, "example": "stale;leader=?1;behind=0"},
    "Location": {"description": "Where what was made can be seen.", "schema": {"type": "string", "format": "uri-reference"}},
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer", "minimum": 0}}
  },
  "responses": {
    "NotModified": {"description": "The client's version is the current one."},
    "Invalid": {"description": "Malformed, or outside a limit; `path` names the place.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Unauthenticated": {"description": "Nobody is named.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Forbidden": {"description": "The one named lacks the scope or is not the owner.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "NotFound": {"description": "There is no such entity.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Conflict": {"description": "The state of the entity forbids it; `code` is the rejection.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "PreconditionFailed": {"description": "The entity has another version than If-Match says.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "TooLarge": {"description": "The body exceeds the limit.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "UnsupportedMediaType": {"description": "The body is not application/json.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Overloaded": {"description": "Too much at once; nothing happened.",
      "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Unavailable": {"description": "The node can't serve it now; nothing happened.",
      "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "TimedOut": {"description": "No answer inside the deadline, or who was to give it went away; it may have happened. The same again with the same Idempotency-Key is safe.",
      "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    "Failed": {"description": "Any other failure.",
      "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
  }
})json";
}

std::string_view fixed_schemas() {
  return R"json({
  "Problem": {
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "properties": {
      "type": {"type": "string", "format": "uri-reference"},
      "title": {"type": "string"},
      "status": {"type": "integer", "minimum": 400, "maximum": 599},
      "code": {"type": "string", "description": "Stable; what a program should look at."},
      "detail": {"type": "string", "description": "What was wrong and what would be right."},
      "path": {"type": "string", "description": "The place in the request.", "examples": ["lines[3].sku"]},
      "correlationId": {"type": "string"}
    },
    "required": ["type", "title", "status", "code", "detail"]
  },
  "Receipt": {
    "description": "An accepted command. A retry with the same idempotency key gets the same one.",
    "type": "object",
    "properties": {
      "type": {"type": "string", "examples": ["cart"]},
      "id": {"type": "string", "examples": ["alice"]},
      "version": {"type": "integer", "format": "int64", "minimum": 0, "description": "Of the entity after the command."},
      "events": {"type": "array", "items": {"type": "string"}, "examples": [["ecommerce.cart.item_added.v1"]]}
    },
    "required": ["type", "id", "version", "events"]
  },
  "EventPage": {
    "type": "object",
    "properties": {
      "items": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
      "cursor": {"type": "string", "description": "`after` of the next page."},
      "atEnd": {"type": "boolean", "description": "Nothing more is committed now."}
    },
    "required": ["items", "cursor", "atEnd"]
  },
  "History": {
    "type": "object",
    "properties": {
      "items": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
      "version": {"type": "integer", "format": "int64", "minimum": 0, "description": "Of the entity with the last of these."},
      "nextAfter": {"type": "integer", "format": "int64", "minimum": 0, "description": "`after` of the next page; absent on the last."}
    },
    "required": ["items", "version"]
  },
  "Cluster": {
    "type": "object",
    "properties": {
      "featureLevel": {"type": "integer", "description": "What is said between the nodes: all of them understand it. Absent if the node is alone."},
      "nodes": {"type": "array", "items": {"type": "object",
        "properties": {"id": {"type": "string"}, "self": {"type": "boolean"}}, "required": ["id"]}},
      "shards": {"type": "array", "items": {"type": "object",
        "properties": {"shard": {"type": "integer"}, "leader": {"type": "string"}, "lastOffset": {"type": "integer", "format": "int64"}},
        "required": ["shard", "leader", "lastOffset"]}}
    },
    "required": ["nodes", "shards"]
  },
  "Status": {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
})json";
}

std::string_view fixed_paths() {
  return R"json({
  "/api/events": {"get": {
    "operationId": "listEvents", "tags": ["events"], "summary": "Committed events of all entities, in the order of the log.",
    "parameters": [
      {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "Cursor of the page before; from the first event on if absent."},
      {"name": "type", "in": "query", "schema": {"type": "string"}, "description": "Aggregate types or event types, separated by commas."},
      {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}],
    "responses": {
      "200": {"description": "A page of events.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventPage"}}}},
      "400": {"$ref": "#/components/responses/Invalid"}, "default": {"$ref": "#/components/responses/Failed"}}}},
  "/api/events/stream": {"get": {
    "operationId": "streamEvents", "tags": ["events"], "summary": "Committed events as they come, as server-sent events.",
    "parameters": [
      {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "Cursor to go on from; from now on if absent."},
      {"name": "type", "in": "query", "schema": {"type": "string"}, "description": "Aggregate types or event types, separated by commas."},
      {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}, "description": "The id of the last event received."}],
    "responses": {
      "200": {"description": "Each event's data is an Event.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
      "400": {"$ref": "#/components/responses/Invalid"}, "503": {"$ref": "#/components/responses/Unavailable"},
      "default": {"$ref": "#/components/responses/Failed"}}}},
  "/api/cluster": {"get": {
    "operationId": "getCluster", "tags": ["node"], "summary": "Nodes and shards.",
    "responses": {
      "200": {"description": "What this node knows.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Cluster"}}}},
      "default": {"$ref": "#/components/responses/Failed"}}}},
  "/healthz": {"get": {
    "operationId": "getHealth", "tags": ["node"], "summary": "Whether the process is alive.", "security": [],
    "responses": {
      "200": {"description": "It is.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}},
      "default": {"$ref": "#/components/responses/Failed"}}}},
  "/readyz": {"get": {
    "operationId": "getReadiness", "tags": ["node"], "summary": "Whether the node takes requests.", "security": [],
    "responses": {
      "200": {"description": "It does.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}},
      "503": {"$ref": "#/components/responses/Unavailable"}, "default": {"$ref": "#/components/responses/Failed"}}}},
  "/metrics": {"get": {
    "operationId": "getMetrics", "tags": ["node"], "summary": "Metrics for Prometheus.", "security": [],
    "responses": {
      "200": {"description": "The exposition format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
      "default": {"$ref": "#/components/responses/Failed"}}}}
})json";
}

}  // namespace bv::schema
