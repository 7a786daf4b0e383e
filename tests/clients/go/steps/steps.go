// Package steps is what both tours stand on: steps with names, and what other programs do to the service.
package steps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
)

// URL is where the service is, and Tour the name of the one that is played.
var URL, Tour = os.Args[1], os.Args[2]

// Written has attributes as another program wrote them: with nulls, unknown names, and numbers that no double holds.
var Written = read(os.Args[3])

func read(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// ID names a payment of the tour's own, new with each run: the service never gives an id out again.
func ID(name string) string { return fmt.Sprintf("%s-%s-%d", Tour, name, os.Getpid()) }

// Play plays a step, and ends the tour if it panics.
func Play(name string, step func()) {
	defer func() {
		if fault := recover(); fault != nil {
			log.Fatalf("%s: %s: FAILED\n%v", Tour, name, fault)
		}
		fmt.Printf("%s: %s\n", Tour, name)
	}()
	step()
}

// Must panics with an error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Equal panics if what came is not what was expected.
func Equal(found, expected any) {
	if !reflect.DeepEqual(found, expected) {
		panic(fmt.Sprintf("expected %#v, got %#v", expected, found))
	}
}

// After takes the cursor out of the link to the next page.
func After(next string) string {
	link, err := url.Parse(next)
	Must(err)
	return link.Query().Get("after")
}

// WrittenByAnother stores a payment with these attributes.
func WrittenByAnother(id string) {
	const form = `{"data":{"id":"%s","type":"Payment","organisation_id":"bakery","attributes":%s}}`
	response, err := http.Post(URL+"/v1/payments", "application/json", strings.NewReader(fmt.Sprintf(form, id, Written)))
	Must(err)
	Equal(response.StatusCode, 201)
}

// Stored has the attributes that the service has, with their numbers as text.
func Stored(id string) any {
	response, err := http.Get(URL + "/v1/payments/" + id)
	Must(err)
	body, err := io.ReadAll(response.Body)
	Must(err)
	return Parsed(string(body)).(map[string]any)["data"].(map[string]any)["attributes"]
}

// Parsed has JSON with its numbers as text.
func Parsed(text string) any {
	decoder := json.NewDecoder(bytes.NewBufferString(text))
	decoder.UseNumber()
	var value any
	Must(decoder.Decode(&value))
	return value
}

// InDoubles has the attributes as encoding/json writes them, which makes a float64 of every number.
func InDoubles() string {
	return strings.NewReplacer("1.10", "1.1", "12345678901234567890", "12345678901234567000").Replace(Written)
}
