//! Reads an OpenAPI document: operations, the answers that each declares, and `$ref`.

use super::{
    DeclaredAnswer, DeclaredHeader, Operation,
    requests::{DeclaredBody, DeclaredRequest, Parameter, Place},
    schema::Schema,
};
use serde_json::{Map, Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
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
                let request = self.request(item, operation).map_err(|error| format!("{id}: {error}"))?;
                operations.push(Operation {
                    id,
                    method: method.to_uppercase(),
                    template: template.to_owned(),
                    request,
                    answers,
                    declared: hash(&self.expanded(&json!([item["parameters"], operation])).to_string()),
                });
            }
        }
        Ok(operations)
    }

    /// The values of `Accept-Version`.
    pub(super) fn versions(&self) -> Vec<String> {
        let parameters = members(&self.root["components"]["parameters"]);
        let mut chosen = parameters.filter(|(_, parameter)| parameter["name"] == "Accept-Version");
        let values = chosen.next().and_then(|(_, parameter)| parameter["schema"]["enum"].as_array());
        values.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
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
                number: is_number(&header["schema"]),
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

    /// A node with what its references lead to in their places. No schema of a contract leads back to itself.
    fn expanded(&self, node: &Value) -> Value {
        match self.resolve(node) {
            Ok(Value::Object(object)) => {
                object.iter().map(|(key, value)| (key.clone(), self.expanded(value))).collect::<Map<_, _>>().into()
            }
            Ok(Value::Array(array)) => array.iter().map(|value| self.expanded(value)).collect(),
            Ok(value) => value.clone(),
            Err(_) => node.clone(),
        }
    }

    fn request(&self, item: &Value, operation: &Value) -> Result<DeclaredRequest, String> {
        let parameters = [item, operation].into_iter().flat_map(|node| node["parameters"].as_array()).flatten();
        let parameters = parameters.map(|parameter| self.parameter(self.resolve(parameter)?));
        let body = Some(&operation["requestBody"]).filter(|body| !body.is_null());
        let body = body.map(|body| self.body(self.resolve(body)?)).transpose()?;
        let security = operation["security"].as_array().into_iter().flatten();
        let alternatives = security.map(|schemes| {
            let mut scopes = members(schemes).map(|(_, scopes)| scopes.as_array().into_iter().flatten());
            scopes.next().map(|scopes| scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect())
        });
        Ok(DeclaredRequest {
            parameters: parameters.collect::<Result<_, String>>()?,
            is_query_closed: operation["x-closed-query"] == true,
            body,
            alternatives: alternatives.collect(),
        })
    }

    fn parameter(&self, parameter: &Value) -> Result<Parameter, String> {
        let name = parameter["name"].as_str().ok_or("a parameter has no name")?;
        let place = match parameter["in"].as_str() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            place => return Err(format!("the parameter {name} is in {place:?}, which this crate does not know")),
        };
        Ok(Parameter {
            name: name.to_owned(),
            place,
            required: parameter["required"] == true,
            number: is_number(&parameter["schema"]),
            schema: Schema::of_request(&parameter["schema"], &self.root["components"])?,
        })
    }

    fn body(&self, body: &Value) -> Result<DeclaredBody, String> {
        let schema = |content: &Value| Schema::of_request(&content["schema"], &self.root["components"]);
        let content = members(&body["content"])
            .map(|(media_type, content)| Ok((media_type.to_lowercase(), schema(content)?)))
            .collect::<Result<_, String>>()?;
        Ok(DeclaredBody { required: body["required"] == true, content })
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

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn is_number(schema: &Value) -> bool {
    matches!(schema["type"].as_str(), Some("integer" | "number"))
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}
