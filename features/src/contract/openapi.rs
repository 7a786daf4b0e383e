//! Reads an OpenAPI document: operations, the answers that each declares, and `$ref`.

use super::{DeclaredAnswer, DeclaredHeader, Operation, schema::Schema};
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An OpenAPI 3.0 document.
#[derive(Debug)]
pub(super) struct Document {
    root: Value,
    /// Compiled schemas by their JSON: most are used by many answers.
    schemas: RefCell<HashMap<String, Arc<Schema>>>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let root: Value = serde_norway::from_str(text).map_err(|error| error.to_string())?;
        match root["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => Ok(Self { root, schemas: RefCell::default() }),
            version => Err(format!("expected OpenAPI 3.0, got {version:?}")),
        }
    }

    pub(super) fn operations(&self) -> Result<Vec<Operation>, String> {
        let mut operations = Vec::new();
        for (template, item) in members(&self.root["paths"]) {
            for (method, operation) in members(item).filter(|(key, _)| METHODS.contains(key)) {
                let id = operation["operationId"].as_str();
                let id = id.ok_or_else(|| format!("{method} {template} has no operationId"))?.to_owned();
                let answers = self.answers(operation).map_err(|error| format!("{id}: {error}"))?;
                operations.push(Operation {
                    id,
                    method: method.to_uppercase(),
                    template: template.to_owned(),
                    answers,
                });
            }
        }
        Ok(operations)
    }

    pub(super) fn named_schema(&self, name: &str) -> Result<Arc<Schema>, String> {
        self.schema(&serde_json::json!({"$ref": format!("#/components/schemas/{name}")}))
    }

    fn answers(&self, operation: &Value) -> Result<BTreeMap<u16, DeclaredAnswer>, String> {
        members(&operation["responses"])
            .map(|(status, response)| {
                let number = status.parse().map_err(|_| format!("{status} is not a status code"))?;
                Ok((number, self.declared(self.resolve(response)?)?))
            })
            .collect()
    }

    fn declared(&self, response: &Value) -> Result<DeclaredAnswer, String> {
        let headers = members(&response["headers"]).map(|(name, header)| {
            let header = self.resolve(header)?;
            Ok(DeclaredHeader {
                name: name.to_owned(),
                required: header["required"].as_bool().unwrap_or_default(),
                number: matches!(header["schema"]["type"].as_str(), Some("integer" | "number")),
                schema: self.schema(&header["schema"])?,
            })
        });
        let content = members(&response["content"])
            .map(|(media_type, content)| Ok((media_type.to_lowercase(), self.schema(&content["schema"])?)));
        Ok(DeclaredAnswer {
            headers: headers.collect::<Result<_, String>>()?,
            content: content.collect::<Result<_, String>>()?,
        })
    }

    fn schema(&self, schema: &Value) -> Result<Arc<Schema>, String> {
        let key = schema.to_string();
        if let Some(schema) = self.schemas.borrow().get(&key) {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(Schema::new(schema, &self.root["components"])?);
        self.schemas.borrow_mut().insert(key, Arc::clone(&schema));
        Ok(schema)
    }

    /// Resolves a `$ref`, if `node` is one.
    fn resolve<'a>(&'a self, node: &'a Value) -> Result<&'a Value, String> {
        match node["$ref"].as_str() {
            None => Ok(node),
            Some(reference) => {
                let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
                target.ok_or_else(|| format!("{reference} does not exist"))
            }
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}
