//! Translates schemas of OpenAPI 3.0 to JSON Schema draft 7, and validates values against them.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema(Validator);

impl Schema {
    /// Compiles the schema of a part of an answer, whose references lead into `components`.
    pub(super) fn new(schema: &Value, components: &Value) -> Result<Self, String> {
        Self::compile(schema, components, Objects::Closed)
    }

    /// Compiles the schema of a part of a request.
    pub(super) fn of_request(schema: &Value, components: &Value) -> Result<Self, String> {
        Self::compile(schema, components, Objects::AsDeclared)
    }

    fn compile(schema: &Value, components: &Value, objects: Objects) -> Result<Self, String> {
        let translate = |schema: &Value| translate(schema, objects);
        // Draft 7 ignores the siblings of `$ref`, as OpenAPI 3.0 does; later drafts do not.
        let document = json!({
            "allOf": [translate(schema)],
            "components": {"schemas": members(&components["schemas"], translate)},
        });
        let options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(true);
        options.build(&document).map(Self).map_err(|error| error.to_string())
    }

    /// The violations of `value`, each with the pointer to its place.
    pub(super) fn violations(&self, value: &Value) -> Vec<String> {
        self.0.iter_errors(value).map(|error| format!("{} {error}", error.instance_path())).collect()
    }
}

/// What becomes of objects that the contract leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Objects {
    /// They have no properties but those that are declared.
    Closed,
    AsDeclared,
}

/// Translates one schema, and the schemas within it.
fn translate(schema: &Value, objects: Objects) -> Value {
    let translate = |schema: &Value| translate(schema, objects);
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut translated: Map<String, Value> = schema
        .iter()
        .map(|(keyword, value)| {
            let value = match keyword.as_str() {
                "properties" => members(value, translate),
                "items" | "additionalProperties" | "not" => translate(value),
                "allOf" | "anyOf" | "oneOf" => value.as_array().into_iter().flatten().map(translate).collect(),
                _ => value.clone(),
            };
            (keyword.clone(), value)
        })
        .collect();
    bound_integers(&mut translated);
    exclude_bounds(&mut translated);
    // Closes each object with declared properties. The contract leaves objects in responses open, so that later versions can add
    // properties; a client must accept those, but this service must not send any that its own contract does not declare. Text
    // that is carried as it was written (`x-raw-json`) stays open.
    let is_raw = translated.get("x-raw-json") == Some(&Value::Bool(true));
    let is_open = translated.get("additionalProperties").is_none_or(Value::is_boolean);
    if objects == Objects::Closed && translated.contains_key("properties") && is_open && !is_raw {
        translated.insert("additionalProperties".to_owned(), false.into());
    }
    if translated.remove("nullable") == Some(Value::Bool(true)) {
        return json!({"anyOf": [{"type": "null"}, translated]});
    }
    translated.into()
}

/// Translates `format: int32` and `int64` to bounds: JSON Schema defines formats for strings only.
fn bound_integers(schema: &mut Map<String, Value>) {
    let (least, most) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    schema.entry("minimum").or_insert(least.into());
    schema.entry("maximum").or_insert(most.into());
}

/// Translates `exclusiveMinimum: true` beside `minimum` to a numeric `exclusiveMinimum`, and so for the maximum.
fn exclude_bounds(schema: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(excluded)) = schema.remove(exclusive)
            && excluded
            && let Some(number) = schema.remove(bound)
        {
            schema.insert(exclusive.to_owned(), number);
        }
    }
}

fn members(object: &Value, change: impl Fn(&Value) -> Value) -> Value {
    object.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), change(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::Schema;
    use serde_json::json;

    #[test]
    fn differences_between_openapi_and_json_schema_are_translated() {
        let components = json!({"schemas": {"Name": {"type": "string", "pattern": "^[a-z]+$"}}});
        for (schema, value, valid) in [
            (json!({"$ref": "#/components/schemas/Name"}), json!("x"), true),
            (json!({"$ref": "#/components/schemas/Name"}), json!("X"), false),
            (json!({"type": "string", "nullable": true}), json!(null), true),
            (json!({"type": "string", "nullable": false}), json!(null), false),
            (json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true}), json!(0), false),
            (json!({"type": "integer", "minimum": 0, "exclusiveMinimum": false}), json!(0), true),
            (json!({"type": "integer", "format": "int32"}), json!(1_i64 << 31), false),
            (json!({"type": "object", "properties": {"a": {}}}), json!({"a": 1}), true),
            (json!({"type": "object", "properties": {"a": {}}}), json!({"b": 1}), false),
            (json!({"type": "object", "properties": {}, "additionalProperties": true}), json!({"b": 1}), false),
            (json!({"properties": {}, "additionalProperties": true, "x-raw-json": true}), json!({"b": 1}), true),
            (json!({"properties": {}, "additionalProperties": {"type": "string"}}), json!({"b": "1"}), true),
            (json!({"properties": {}, "additionalProperties": {"type": "string"}}), json!({"b": 1}), false),
            (json!({"type": "array", "items": {"properties": {}}}), json!([{"b": 1}]), false),
            (json!({"type": "string", "format": "date-time"}), json!("2026-01-18T09:00:00.000000Z"), true),
            (json!({"type": "string", "format": "date-time"}), json!("yesterday"), false),
            (json!({"type": "string", "format": "uri"}), json!("/v1/payments"), false),
            (json!({"type": "string", "format": "uri-reference"}), json!("/v1/payments"), true),
        ] {
            let violations = Schema::new(&schema, &components).unwrap().violations(&value);
            assert_eq!(violations.is_empty(), valid, "{schema} {value}: {violations:?}");
        }
    }
}
